export type { Figure, RowResult } from './report/rowResult.js';
export { renderBench } from './report/table.js';
