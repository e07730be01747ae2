import { EXIT } from './exitCode.js';

/** The environment can't be used. Carries every fault at once, one line each. */
export class ConfigError extends Error {
  readonly exitCode = EXIT.configuration;
  constructor(readonly faults: readonly string[]) {
    super(
      `${faults.length === 1 ? 'a setting is' : `${faults.length} settings are`} wrong:\n${faults.join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}
