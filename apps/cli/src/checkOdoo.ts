import { type Credentials, type SourceAddress, SyncError } from '@odoo-sync/core';
import { createOdooSource } from '@odoo-sync/odoo';
import { type CliConfig, createLogger } from '@odoo-sync/runtime';

/** Asks Odoo something that needs the credentials, and whether the language is active there. A module that can't be read is the engine's to report, not a reason to refuse. */
export async function checkOdoo(
  { source }: CliConfig,
  address: SourceAddress,
  credentials: Credentials,
  stop: AbortSignal,
  language: string | null = null,
): Promise<void> {
  const { timeoutMs: requestTimeoutMs, ...reading } = source;
  const open = createOdooSource({
    ...reading,
    requestTimeoutMs,
    log: createLogger({ level: 'silent', name: 'cli' }),
  });
  const session = await open(address, credentials, stop, language);
  try {
    await session.describe('contacts', stop);
  } catch (error) {
    if (!(error instanceof SyncError) || error.kind !== 'access') throw error;
  } finally {
    session.close();
  }
}
