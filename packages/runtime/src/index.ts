export * from './config.js';
export * from './configError.js';
export * from './keyRing.js';
export * from './logger.js';
export type { Environment } from './readSettings.js';
export * from './redact.js';
export * from './runMain.js';
export { SETTINGS, type SettingName, type SettingValues } from './settings.js';
export * from './settingsTable.js';
