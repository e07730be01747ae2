/**
 * Which room may know which: `npm run lint` fails where an import goes another way. CONTRIBUTING.md says it in words;
 * `packages/e2e/src/rooms.integration.test.ts` shows that each rule bites.
 *
 * Types count as imports do. Packages are resolved to their sources, so that no build is needed.
 */
const ADAPTERS = ['odoo', 'store-mongo', 'queue'];
/** What tests have beside what their room has: servers, the simulated Odoo, worlds, and the ports' contract suites. */
const FOR_TESTS = ['local-servers', 'simulator', 'testkit', 'engine'];
/** For each package, the other packages that its production code may import. */
const PACKAGES = {
  core: [],
  engine: ['core'],
  odoo: ['core'],
  'store-mongo': ['core'],
  queue: ['core'],
  runtime: ['core', ...ADAPTERS],
  compare: ['core'],
  terminal: ['core', ...ADAPTERS, 'runtime'],
  'local-servers': [],
  simulator: [],
  testkit: ['core', 'engine', ...ADAPTERS, 'runtime', 'local-servers', 'simulator'],
  e2e: ['core', 'engine', ...ADAPTERS, 'runtime', 'local-servers', 'simulator', 'testkit'],
};
/** The apps whose production code starts servers and simulated Odoos itself. */
const APPS_WITH_SERVERS = ['demo', 'bench'];
/** The one package whose production code may import a library. The API's pages of the queue are Bull Board's, not BullMQ's. */
const HOMES = { mongodb: 'store-mongo', bullmq: 'queue', ioredis: 'queue', axios: 'odoo' };
/** Not production: they start servers, or look at what the system did by another way than the system's own. */
const BESIDE_PRODUCTION = ['^apps/bench/', '^packages/(local-servers|testkit|e2e)/'];
/** What core and the engine may have of node. Neither imports a library. */
const OF_NODE = { core: ['timers/promises'], engine: ['crypto', 'util'] };

const TEST = '\\.test\\.ts$|/src/testing/|^packages/simulator/src/conformance/';
const oneOf = (names) => `(${names.join('|')})`;
const source = (names) => `^packages/${oneOf(names)}/`;
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const roomRules = Object.entries(PACKAGES).flatMap(([room, others]) => {
  const may = (extra) => source([room, ...others, ...extra]);
  return [
    rule(
      `${room}-knows`,
      `packages/${room} imports of the other packages ${others.join(', ') || 'none'}.`,
      { path: source([room]), pathNot: TEST },
      { path: '^packages/', pathNot: may([]) },
    ),
    rule(
      `${room}-tests-know`,
      `Tests of packages/${room} import what the package does, and ${FOR_TESTS.join(', ')}.`,
      { path: `${source([room])}.*(${TEST})` },
      { path: '^packages/', pathNot: may(FOR_TESTS) },
    ),
  ];
});

export default {
  forbidden: [
    rule('no-circle', 'No file imports itself by way of others.', {}, { circular: true }),
    rule('found', 'An import that leads nowhere is one that no rule sees.', {}, { couldNotResolve: true }),
    rule(
      'package-has-rules',
      'A new package is entered in PACKAGES above.',
      { path: '^packages/', pathNot: source(Object.keys(PACKAGES)) },
      {},
    ),
    ...roomRules,
    rule(
      'no-app-imported',
      'Nobody imports an app. The test of the monitoring holds its rules against the metrics that the apps make.',
      {
        path: '^(packages|apps)/([^/]+)/',
        pathNot: '^packages/e2e/src/monitoring\\.integration\\.test\\.ts$',
      },
      { path: '^apps/', pathNot: '^$1/$2/' },
    ),
    rule(
      'apps-run-alone',
      'An app in production starts no server and no simulated Odoo.',
      { path: '^apps/', pathNot: [`^apps/${oneOf(APPS_WITH_SERVERS)}/`, TEST] },
      { path: source(['local-servers', 'simulator', 'testkit']) },
    ),
    rule(
      'e2e-is-last',
      'Nobody imports the end-to-end tests.',
      { path: '^apps/' },
      { path: source(['e2e']) },
    ),
    rule(
      'by-the-front-door',
      'Another package is imported by its name, which gives what its package.json exports, and not by a path into it.',
      { path: '^(packages|apps)/([^/]+)/' },
      { path: '^packages/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    ),
    rule(
      'no-tests-in-production',
      'Production code imports no test and no test library.',
      { path: '^(packages|apps)/', pathNot: [TEST, ...BESIDE_PRODUCTION] },
      { path: ['^(packages|apps)/.*\\.test\\.ts$', '/src/testing/', 'node_modules/(@jest|fast-check)/'] },
    ),
    ...Object.entries(HOMES).map(([library, home]) =>
      rule(
        `${library}-at-home`,
        `In production, packages/${home} alone imports ${library}.`,
        { path: '^(packages|apps)/', pathNot: [source([home]), TEST, ...BESIDE_PRODUCTION] },
        { path: `node_modules/${library}/` },
      ),
    ),
    ...Object.entries(OF_NODE).flatMap(([room, modules]) => [
      rule(
        `${room}-of-node`,
        `packages/${room} does no input or output: of node it has ${modules.join(', ')}.`,
        { path: source([room]), pathNot: TEST },
        { dependencyTypes: ['core'], pathNot: `^(node:)?${oneOf(modules)}$` },
      ),
      rule(
        `${room}-of-libraries`,
        `packages/${room} imports no library.`,
        { path: source([room]), pathNot: TEST },
        { path: 'node_modules/' },
      ),
    ]),
    rule(
      'oracle-on-its-own',
      'The oracle judges the engine and shares no code with it.',
      { path: '^packages/e2e/src/oracle/' },
      { path: '^(packages|apps)/', pathNot: ['^packages/e2e/src/oracle/', 'node_modules/'] },
    ),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages|apps)/[^/]+/dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json'],
    },
  },
};
