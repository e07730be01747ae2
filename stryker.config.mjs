import jest from './jest.config.mjs';

const unit = jest.projects.find(({ displayName }) => displayName === 'unit');

/**
 * `npm run mutants`: changes the domain and the engine in small ways, one at a time, and tells which changes no unit test of
 * the same package notices. docs/mutants.md names those that may go unnoticed, and why. Not for CI: it takes minutes.
 *
 * A package's mutants meet its own tests only: the engine's tests get the core as it is. What the core promises is to be told by its tests.
 */
export default {
  mutate: ['packages/{core,engine}/src/**/*.ts', '!**/*.test.ts', '!**/testing/**', '!**/index.ts'],
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    projectType: 'custom',
    config: {
      ...unit,
      projects: undefined,
      testTimeout: jest.testTimeout,
      roots: ['<rootDir>/packages/core', '<rootDir>/packages/engine'],
      // The model test takes half a minute, for every mutant that it meets.
      testPathIgnorePatterns: ['/node_modules/', '/interleavings\\.'],
    },
    // Else each mutant loads every test file.
    enableFindRelatedTests: true,
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 5_000,
  ignorePatterns: ['dist', '.turbo', 'docs', 'docker', 'scripts', 'apps'],
  tempDirName: 'mutants/tmp',
  // A second run tries only what changed since.
  incremental: true,
  incrementalFile: 'mutants/incremental.json',
  reporters: ['clear-text', 'progress', 'html', 'json'],
  clearTextReporter: { reportTests: false, logTests: false },
  htmlReporter: { fileName: 'mutants/report.html' },
  jsonReporter: { fileName: 'mutants/report.json' },
};
