import { type Credentials, type OpenSource, type SourceAddress, SyncError } from '@odoo-sync/core';
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

/** Asks Odoo something that needs the credentials, and whether the language is active there. A module that can't be read is the engine's to report, not a reason to refuse. */
export async function checkOdoo(
  config: CliConfig,
  address: SourceAddress,
  credentials: Credentials,
  stop: AbortSignal,
  language: string | null = null,
): Promise<void> {
  const open = openSourceOf(config);
  const session = await open(address, credentials, stop, language);
  try {
    await session.describe('contacts', stop);
  } catch (error) {
    if (!(error instanceof SyncError) || error.kind !== 'access') throw error;
  } finally {
    session.close();
  }
}
