const LINK = /<link [^<>]*>/g;
/** A web font of Google's, which would tell it who looks at the board and when. */
const ofOthers = (link: string): boolean => /href="https?:/.test(link);
/** How the word "Loading" looks for a moment. */
const INLINE_STYLE = / style="[^"]*"|<style>[^<]*<\/style>/g;
/** The one style that the page makes by itself: the colours of the icon of Redis. The others are of editors for what is refused. */
const ICON_STYLE = "'sha256-r2N1TB/gHbBtBZFKg7ejmq1acVSREzucTAEw6ga4hoU='";

/** Everything from this API alone, and no script or style that stands in the page. `base-uri` is for the page's own `<base>`. */
export const BOARD_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' ${ICON_STYLE}`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Bull Board's page without what its policy would refuse. */
export const ownPage = (page: string): string =>
  page.replace(LINK, (link) => (ofOthers(link) ? '' : link)).replace(INLINE_STYLE, '');
