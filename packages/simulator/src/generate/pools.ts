/** Words that generated records are made of: plain ones, and those that break careless code. */
export const FIRST_NAMES = [
  'Mitchell',
  'Zoë',
  'Edwin',
  'Anita',
  'José',
  'Ronnie',
  'Çağla',
  'Marc',
  'Siân',
  'Billy',
  'Łukasz',
  'Audrey',
  'Doris',
  'Ji-hoon',
  'Beth',
  'Toni',
  'Ernest',
  'Rachel',
  'Paul',
  'Sharlene',
  'Keith',
  'Jeffrey',
  'Tina',
  'Randall',
  'Walter',
  'Jennie',
  'Eli',
  'Lucille',
  'Abigail',
  'Olaf',
  'Noël',
  'Ngozi',
] as const;

export const LAST_NAMES = [
  'Hansen',
  "O'Brien",
  'Müller',
  'Fox',
  'Admin',
  'Peterson',
  'Oliver',
  'Jiménez',
  'Lambert',
  'Foster',
  'Hart',
  'Willis',
  'Demo',
  'van der Berg',
  'Dvořák',
  'Nguyễn',
  'Evans',
  'Fletcher',
  'Cole',
  'Rhodes',
  'Byrd',
  'Kelly',
  'Williams',
  'Lewis',
  'Horton',
  'Fields',
  'Bell',
  'Peralta',
  'Åkesson',
  'Singh',
  'Li',
  'Warren',
] as const;

export const COMPANY_WORDS = [
  'Azure',
  'Deco',
  'Gemini',
  'Ready',
  'Lumber',
  'Wood',
  'Acme',
  'Nordic',
  'Jackson',
  'Chamber',
  'Blue "North"',
  'Société Générale de',
  'Überlingen',
  'Pacific',
  '株式会社',
  'Smith & Sons',
] as const;

export const COMPANY_ENDINGS = [
  'Interior',
  'Addict',
  'Furniture',
  'Mat',
  'Inc',
  'Corner',
  'Corporation',
  'Trading GmbH',
  'S.A.R.L.',
  'Holding',
  'Works <EU>',
  'Logistics',
  'B.V.',
  'Labs',
  'Foods',
  'Group',
] as const;

export const STREETS = [
  '8000 Marina Blvd, Suite 300',
  '250 Executive Park Blvd',
  'Via Industria 21',
  '7500 W Linne Road',
  'Rue de la Loi 16',
  'Kärntner Straße 1',
  '77 Santa Barbara Rd',
  '4557 De Silva St',
  '1128 Lunar Drive',
  'C/O "The Depot"',
  'Plaça d’Espanya 3',
  '3202 Kessler\nRear building',
  '2 chome-8-1 Nishishinjuku',
  '10200 Metropolitan Dr',
  'Avenida Paulista 1578',
  '858 Lynn Street',
] as const;

export const CITIES = [
  'Brisbane',
  'San Francisco',
  'Serravalle',
  'Tracy',
  'Bruxelles',
  'Wien',
  'Pleasant Hill',
  'Fremont',
  'Zürich',
  'Kraków',
  'Barcelona',
  'Göteborg',
  '東京',
  'Austin',
  'São Paulo',
  'Bayonne',
] as const;

export const COUNTRIES = [
  [233, 'United States'],
  [20, 'Belgium'],
  [57, 'Germany'],
  [75, 'France'],
  [203, 'San Marino'],
  [12, 'Austria'],
  [43, 'Switzerland'],
  [113, 'Japan'],
  [31, 'Brazil'],
  [68, 'Spain'],
  [196, 'Sweden'],
  [179, 'Poland'],
  [44, "Côte d'Ivoire"],
  [224, 'Türkiye'],
  [104, 'India'],
  [231, 'United Kingdom'],
] as const;

export const STATES = [
  [13, 'California (US)'],
  [52, 'Texas (US)'],
  [1374, 'Vienna (AT)'],
  [428, 'Barcelona (ES)'],
  [39, 'New Jersey (US)'],
  [88, 'São Paulo (BR)'],
] as const;
export const INDUSTRIES = [
  [1, 'Administrative/Utilities'],
  [4, 'Construction'],
  [7, 'Energy supply'],
  [12, 'IT/Communication'],
  [17, 'Wholesale/Retail'],
] as const;
export const USERS = [
  [2, 'Mitchell Admin'],
  [5, 'Marc Demo'],
  [6, 'Joel Willis'],
  [1, 'OdooBot'],
] as const;
export const COMPANIES = [
  [1, 'YourCompany'],
  [2, 'My Company, Chicago'],
] as const;
export const CATEGORIES = [
  [1, 'Desk Manufacturers'],
  [2, 'Office Supplies'],
  [3, 'Prospects'],
  [4, 'Vendor'],
  [5, 'Consulting Services'],
  [6, 'Employees'],
] as const;
export const PAYMENT_TERMS = [
  [1, 'Immediate Payment'],
  [4, '30 Days'],
  [6, 'End of Following Month'],
  [9, '2/7 Net 30'],
] as const;
export const FISCAL_POSITIONS = [
  [1, 'Domestic'],
  [2, 'Intra-Community'],
  [3, 'Export'],
] as const;
export const PRICELISTS = [
  [1, 'Public Pricelist (USD)'],
  [2, 'Wholesale (EUR)'],
] as const;
export const CURRENCIES = [
  [1, 'USD'],
  [1, 'USD'],
  [1, 'USD'],
  [125, 'EUR'],
  [142, 'GBP'],
] as const;
export const TEAMS = [
  [1, 'Sales'],
  [2, 'Website'],
  [4, 'Pre-Sales'],
] as const;
export const CAMPAIGNS = [
  [4, 'Email Campaign - Products'],
  [2, 'Christmas Special'],
  [7, 'Sale “20 %”'],
] as const;
export const MEDIUMS = [
  [4, 'Email'],
  [1, 'Website'],
  [9, 'LinkedIn'],
] as const;
export const SOURCES = [
  [11, 'Sale Promotion 1'],
  [3, 'Newsletter'],
  [8, 'Search engine'],
] as const;
export const JOURNALS = [
  [1, 'Sales'],
  [2, 'Purchases'],
  [6, 'Bank'],
  [3, 'Miscellaneous Operations'],
] as const;
export const DEPARTMENTS = [
  [1, 'Management / Administration'],
  [2, 'Management'],
  [5, 'Research & Development'],
  [7, 'Sales / Inside "A"'],
] as const;
export const JOBS = [
  [1, 'Chief Technical Officer'],
  [2, 'Consultant'],
  [3, 'Experienced Developer'],
  [6, 'Marketing and Community Manager'],
] as const;
export const CALENDARS = [
  [4, 'Standard 38 hours/week'],
  [1, 'Standard 40 hours/week'],
  [2, 'Standard 35 hours/week'],
] as const;
export const TIME_ZONES = ['Europe/Brussels', 'UTC', 'America/Los_Angeles', 'Asia/Tokyo'] as const;

/** Long texts: several lines, line separators that JavaScript once refused in sources, quotes, a control character. */
export const TEXTS = [
  'Deliver to the rear entrance.\nRing twice.',
  'Line one\u2028line two',
  'He said "no" \\ twice',
  'Prefers e-mail',
  'Bell \u0007 and tab\tinside',
  ' leading and trailing ',
  'Größe & Gewicht < 20 kg',
  '🚚 express',
] as const;

export const HTML_TEXTS = [
  '<p>Deliver to the rear entrance.<br>Ring twice.</p>',
  '<p>Line one\u2028line two</p>',
  '<p data-o-mail-quote="1">He said &quot;no&quot;</p>\n<p><br></p>',
  '<ul>\n<li>Größe &amp; Gewicht &lt; 20&nbsp;kg</li>\n</ul>',
  '<p>🚚 <strong>express</strong></p>',
  '<p>Terms &amp; Conditions: <a href="https://example.com/terms?a=1&amp;b=2">here</a></p>',
] as const;
