import { readFileSync } from 'node:fs';
import { EXIT } from './exitCode.js';
import { type Role, SETTINGS, type Setting, type SettingName, type SettingValues } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const SHOWN = 60;

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

/** Whether a setting holds something: an empty text counts as unset, as compose files and manifests leave it. */
export const isSet = (env: Environment, name: string): boolean => (env[name] ?? '').trim() !== '';

/**
 * Reads the settings of a program; a secret one also from the file that its name with `_FILE` behind it names, as secrets are mounted. Variables
 * of other programs, or that are not in the table, are left alone.
 * @param check adds faults that lie between settings; it sees only values that are right by themselves.
 * @throws ConfigError with all faults at once.
 */
export function readSettings(
  env: Environment,
  role: Role,
  check: (values: Partial<SettingValues>) => readonly string[],
): Partial<SettingValues> {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    if (setting.by && !setting.by.includes(role)) continue;
    const read = readOne(env, name as SettingName, setting);
    if ('fault' in read) faults.push(read.fault);
    else values[name] = read.value;
  }
  faults.push(...check(values as Partial<SettingValues>));
  if (faults.length > 0) throw new ConfigError(faults);
  return values as Partial<SettingValues>;
}

function readOne(
  env: Environment,
  name: SettingName,
  { kind, fallback, secret }: Setting<unknown>,
): { readonly value: unknown } | { readonly fault: string } {
  let given = isSet(env, name) ? (env[name] ?? '').trim() : null;
  const file = `${name}_FILE`;
  if (secret && isSet(env, file)) {
    if (given !== null) return { fault: `${name}: expected it or ${file}, but both are set: leave one out` };
    try {
      given = readFileSync((env[file] ?? '').trim(), 'utf8').trim();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return {
        fault: `${file}: expected a file that can be read, but "${shorten(env[file] ?? '')}" can't (${code}): correct it, or set ${name}`,
      };
    }
    if (given === '') return { fault: `${file}: expected a file that holds ${name}, but it is empty` };
  }
  const text = given ?? (typeof fallback === 'function' ? fallback() : fallback);
  if (text === null) return { fault: `${name}: expected ${kind.expected}, but it is not set: set it` };
  const parsed = kind.schema.safeParse(text);
  if (parsed.success) return { value: parsed.data };
  const custom = parsed.error.issues.find(
    (issue) => issue.code === 'custom' && issue.message !== 'Invalid input',
  );
  const came = secret
    ? (custom?.message ?? 'what is set (not shown) is something else')
    : `it is "${shorten(text)}"`;
  const remedy = fallback === null ? 'correct it' : 'correct it, or leave it out';
  return { fault: `${name}: expected ${kind.expected}, but ${came}: ${remedy}` };
}

/** On one line, whatever it holds. */
const shorten = (text: string): string => {
  const line = JSON.stringify(text).slice(1, -1);
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line;
};
