import type { JobQueue } from '@odoo-sync/core';
import { QueueConfigurationError, QueueUnreachableError } from '@odoo-sync/queue';
import type { CliConfig } from '@odoo-sync/runtime';
import { createLogger } from '@odoo-sync/runtime';
import { openFleetQueue } from '@odoo-sync/runtime/fleet';

const START_LIMIT_MS = 3_000;

/** Opens the queue that the environment names, for the length of `work`; where it can't be opened, `work` is told why. */
export async function withJobQueue<T>(
  config: CliConfig,
  work: (jobQueue: JobQueue | { readonly away: string }) => Promise<T>,
): Promise<T> {
  const closers: (() => unknown)[] = [];
  try {
    return await work(await open(config, (close) => closers.unshift(close)));
  } finally {
    for (const close of closers) await close();
  }
}

async function open(
  config: CliConfig,
  onClose: (close: () => unknown) => void,
): Promise<JobQueue | { readonly away: string }> {
  try {
    const { jobQueue } = await openFleetQueue(config, 'cli', {
      log: createLogger({ level: 'silent', name: 'cli' }),
      onClose: (_, close) => onClose(close),
      startLimitMs: START_LIMIT_MS,
    });
    return jobQueue;
  } catch (error) {
    if (error instanceof QueueUnreachableError || error instanceof QueueConfigurationError)
      return { away: error.message };
    throw error;
  }
}
