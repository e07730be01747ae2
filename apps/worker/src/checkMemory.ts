import { getHeapStatistics } from 'node:v8';
import { SyncError } from '@odoo-sync/core';

/**
 * Refuses settings under which large windows are sure to end the worker for want of memory, again and again: what all turns
 * may keep there together must be less than there is.
 * @throws SyncError `configuration`
 */
export function checkMemory(
  { memoryBytes, concurrency }: { readonly memoryBytes: number; readonly concurrency: number },
  heapBytes = getHeapStatistics().heap_size_limit,
): void {
  const most = memoryBytes * concurrency;
  if (most < heapBytes) return;
  throw new SyncError(
    'configuration',
    `SPOOL_MEMORY_BYTES: expected less than this process's memory for all of its turns together, but ${concurrency} (WORKER_CONCURRENCY) times ${memoryBytes} is ${most} of ${heapBytes} bytes: lower one of them, or start the worker with NODE_OPTIONS=--max-old-space-size=MIB`,
  );
}
