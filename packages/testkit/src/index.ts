export { until } from '@odoo-sync/local-servers';
export { forwarded } from './forwarded.js';
export { firstDay, layWindows } from './layWindows.js';
export { type Listening, listening } from './listening.js';
export { must } from './must.js';
export { selfSigned } from './selfSigned.js';
export { type ReadableOdoo, World, type WorldOptions } from './world.js';
