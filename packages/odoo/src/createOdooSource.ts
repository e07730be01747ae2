import type { OpenSource } from '@odoo-sync/core';
import type { OdooSourceOptions } from './options.js';
import { openSession } from './session.js';

/** The source port: opens sessions with Odoo servers of version 14 and later. */
export const createOdooSource =
  (options: OdooSourceOptions): OpenSource =>
  (address, credentials, signal, language) =>
    openSession(options, address, credentials, signal, language);
