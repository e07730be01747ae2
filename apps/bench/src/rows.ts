import type { Row } from './bench.js';
import { emptyWindows } from './rows/emptyWindows.js';
import { engine } from './rows/engine.js';
import { fleetRow } from './rows/fleet.js';
import { freshness } from './rows/freshness.js';
import { memory } from './rows/memory.js';
import { odooAwait } from './rows/odooAwait.js';
import { realOdoo } from './rows/realOdoo.js';
import { secondPass } from './rows/secondPass.js';
import { tickRow } from './rows/tick.js';
import { wholeHistory } from './rows/wholeHistory.js';
import { workers } from './rows/workers.js';

/** Every row, in the order in which they run and stand in the table. */
export const ROWS: readonly Row[] = [
  realOdoo,
  odooAwait,
  engine,
  secondPass,
  memory,
  emptyWindows,
  wholeHistory,
  tickRow,
  workers,
  freshness,
  fleetRow,
];
