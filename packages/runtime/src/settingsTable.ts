import { SETTINGS, type Setting } from './settings.js';

/** The settings as the README's Markdown table. */
export function settingsTableMarkdown(): string {
  const rows = Object.entries(SETTINGS as Record<string, Setting>).map(([name, setting]) => {
    const usual =
      setting.default === null ? 'required' : setting.default === '' ? '' : `\`${setting.default}\``;
    return `| \`${name}\` | ${usual} | ${setting.unit} | ${setting.meaning} |`;
  });
  return ['| setting | default | unit | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
