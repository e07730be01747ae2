// TypeScript is stripped by swc; workspace packages are resolved to their sources by the condition "source",
// so that a test never runs against a stale build.
const base = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // @fastify/static requires this ESM package, which jest can't do below Node 24.9.
    '^content-disposition$': '<rootDir>/apps/api/src/testing/contentDisposition.cjs',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
const roots = ['<rootDir>/packages', '<rootDir>/apps'];
const project = (displayName, suffix, more = {}) => ({
  ...base,
  ...more,
  displayName,
  roots,
  testMatch: [`**/src/**/*.${suffix}.test.ts`],
  modulePathIgnorePatterns: ['/dist/'],
});

export default {
  testTimeout: 60_000,
  projects: [
    project('unit', 'unit'),
    project('integration', 'integration', { testEnvironment: '<rootDir>/jest.environment.mjs' }),
    project('e2e', 'e2e'),
    project('odoo', 'odoo'),
  ],
};
