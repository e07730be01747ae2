/** Exit code of a start that a configuration fault ended (`EX_CONFIG` of sysexits.h): starting again changes nothing. */
export const EXIT_CONFIGURATION = 78;

/** The environment can't be used. Carries every fault at once, one line each. */
export class ConfigError extends Error {
  readonly exitCode = EXIT_CONFIGURATION;
  constructor(readonly faults: readonly string[]) {
    super(
      `${faults.length === 1 ? 'a setting is' : `${faults.length} settings are`} wrong:\n${faults.join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}
