import type { OpenSource } from '@odoo-sync/core';
import { createOdooSource } from '@odoo-sync/odoo';
import { type CliConfig, createLogger } from '@odoo-sync/runtime';

/** How a command reads an Odoo: with the fleet's settings, and without a log. @param limitPerCall where the page size starts. */
export function openSourceOf(
  { source: { timeoutMs: requestTimeoutMs, ...source } }: Pick<CliConfig, 'source'>,
  limitPerCall: number = source.limitPerCall,
): OpenSource {
  const log = createLogger({ level: 'silent', name: 'cli' });
  return createOdooSource({ ...source, limitPerCall, requestTimeoutMs, log });
}
