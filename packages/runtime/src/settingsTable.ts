import { SETTINGS, type Setting } from './settings.js';

export const TABLE_BEGIN = '<!-- settings:begin -->';
export const TABLE_END = '<!-- settings:end -->';

/** The README's table of settings, without the marks around it. */
export function settingsTableMarkdown(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(
    ([name, setting]) => `| \`${name}\` | ${fallbackOf(setting)} | ${setting.unit} | ${setting.meaning} |`,
  );
  return ['| setting | default | unit | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function fallbackOf({ fallback, fallbackText }: Setting<unknown>): string {
  if (fallbackText !== undefined) return fallbackText;
  return fallback === null ? '**must be set**' : `\`${fallback}\``;
}

/**
 * Puts the table between its marks.
 * @throws Error when the text doesn't have the two marks.
 */
export function withSettingsTable(readme: string): string {
  const [begin, end] = [readme.indexOf(TABLE_BEGIN), readme.indexOf(TABLE_END)];
  if (begin < 0 || end < begin)
    throw new Error(`expected ${TABLE_BEGIN} and ${TABLE_END} in the text, in this order`);
  return `${readme.slice(0, begin)}${TABLE_BEGIN}\n${settingsTableMarkdown()}\n${readme.slice(end)}`;
}
