import { type Credentials, type SourceAddress, SyncError } from '@odoo-sync/core';
import type { CliConfig } from '@odoo-sync/runtime';
import { openSourceOf } from './openSourceOf.js';

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
