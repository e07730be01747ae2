export { type Config, ConfigError, loadConfig } from './config.js';
export { generateKey, KeyRing, type NamedKey, parseKeyRing, type Sealed } from './keyRing.js';
export { createLogger, type Logger, redactUrl } from './logger.js';
export { type Closer, exitCodeOf, runMain } from './runMain.js';
export { SETTINGS, type Setting, type SettingName } from './settings.js';
export { settingsTableMarkdown } from './settingsTable.js';
