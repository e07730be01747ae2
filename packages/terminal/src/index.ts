export { askHidden } from './askHidden.js';
export { credentialsOf } from './credentialsOf.js';
export type { ProgramContext } from './programContext.js';
export { rootCommand } from './rootCommand.js';
export { exitCodeOfCommand, runProgram } from './runProgram.js';
export { table } from './table.js';
