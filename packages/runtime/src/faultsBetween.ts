import { isLoopback } from './kinds.js';
import type { SettingValues } from './settings.js';

const DAY_MS = 86_400_000;
const LONGEST_PAUSE_DAYS = 30;

/**
 * Faults of settings that are right one by one and contradict each other. A value that is wrong by itself is absent here.
 * @param onlyLimit `LIMIT_PER_CALL` is set and `LIMIT_PER_CALL_MAX` isn't: then it is the most, too.
 */
export function faultsBetween(values: Partial<SettingValues>, onlyLimit: boolean): readonly string[] {
  return [
    ...(onlyLimit ? [] : least(values, 'LIMIT_PER_CALL_MAX', 'LIMIT_PER_CALL')),
    ...least(values, 'TAIL_QUIET_MS', 'TAIL_INTERVAL_MS'),
    ...backoffFault(values),
    ...clusterFault(values),
    ...openDoorFault(values),
  ];
}

function least(
  values: Partial<SettingValues>,
  name: keyof SettingValues,
  floor: keyof SettingValues,
): readonly string[] {
  const [value, bound] = [values[name], values[floor]];
  if (typeof value !== 'number' || typeof bound !== 'number' || value >= bound) return [];
  return [
    `${name}: expected at least ${floor} (${bound}), but it is "${value}": raise it, or lower ${floor}`,
  ];
}

/** Doubling goes fast: a window that waits for a year is neither tried nor failed, so nobody ever hears of it. */
function backoffFault({
  RETRY_BACKOFF_MS: base,
  MAX_BATCH_ATTEMPTS: attempts,
}: Partial<SettingValues>): readonly string[] {
  if (base === undefined || attempts === undefined || attempts < 2) return [];
  const days = (base * 2 ** (attempts - 2)) / DAY_MS;
  if (days <= LONGEST_PAUSE_DAYS) return [];
  return [
    `RETRY_BACKOFF_MS: expected a pause before the last attempt of at most ${LONGEST_PAUSE_DAYS} days, but "${base}" doubled for MAX_BATCH_ATTEMPTS (${attempts}) makes ${Math.ceil(days)}: lower one of them`,
  ];
}

/** The keys of one script must lie on one node. */
function clusterFault({ REDIS_URL: url, QUEUE_PREFIX: prefix }: Partial<SettingValues>): readonly string[] {
  if (!url?.includes('+cluster://') || prefix === undefined || prefix.startsWith('{')) return [];
  return [
    `QUEUE_PREFIX: expected it in braces, as REDIS_URL names a Cluster, but it is "${prefix}": set it to {${prefix}}`,
  ];
}

/** Whoever reaches the API can order and see everything. */
function openDoorFault({ API_HOST: host, API_TOKEN: token }: Partial<SettingValues>): readonly string[] {
  if (host === undefined || isLoopback(host) || token !== null) return [];
  return [
    `API_TOKEN: expected one, as API_HOST (${host}) can be reached from other machines, but it is not set: set it (openssl rand -hex 32), or leave API_HOST out`,
  ];
}
