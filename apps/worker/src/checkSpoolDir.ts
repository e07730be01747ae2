import { mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unwritable } from './spoolFile.js';

/**
 * Tries the folder at the start: only a large window spools, and that may be in the middle of a night. A disk that is full
 * now isn't refused: it may have room again by then.
 * @throws SyncError `configuration`
 */
export async function checkSpoolDir(directory: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(join(directory, 'odoo-sync-spool-')));
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code === 'ENOSPC') return;
    throw unwritable(directory, cause);
  }
}
