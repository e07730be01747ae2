export type { ComparedStore } from './comparedStore.js';
export type { ModuleComparison } from './compareModule.js';
export { compareUser } from './compareUser.js';
