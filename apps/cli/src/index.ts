export type { CliContext } from './context.js';
export { createProgram } from './program.js';
