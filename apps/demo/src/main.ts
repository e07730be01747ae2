import { runProgram } from '@odoo-sync/terminal';
import { createProgram } from './program.js';

await runProgram('odoo-sync', process, createProgram);
