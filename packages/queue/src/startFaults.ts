import { QueueConfigurationError } from './errors.js';
import { nameOf, type RedisTarget } from './redisTarget.js';

interface Refusal {
  readonly says: RegExp;
  /** What is wrong, put after the server's name, and what to do. */
  readonly means: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    // ioredis asks one Sentinel after the other, and tells what the last one said.
    // Held to the beginning: else a server's own words could have it begin anew at each of their repetitions.
    says: /^All sentinels are unreachable[^:]*: (?:WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password|ERR Client sent AUTH)/,
    means:
      'has Sentinels that refuse their user or password: give it as ?sentinelPassword=... at the end of REDIS_URL (and &sentinelUsername=..., where they have users), each special letter escaped',
  },
  {
    says: /^(?:WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password|ERR Client sent AUTH)/,
    means: 'refuses the user or password of REDIS_URL: correct them there',
  },
  {
    says: /^NOPERM/,
    means:
      "does not let the user of REDIS_URL do what the queue needs: allow it every command on the queue's keys",
  },
  {
    says: /Unknown RESP type|Protocol error, got/,
    means: 'is not a Redis, to judge by its answer: correct host and port in REDIS_URL',
  },
  {
    says: /cluster support disabled/,
    means: 'is not a Cluster: write redis:// instead of redis+cluster:// in REDIS_URL',
  },
  {
    says: /unknown command [`'"]?sentinel/i,
    means:
      'is not a Sentinel: write redis:// instead of redis+sentinel:// in REDIS_URL, or name the Sentinels',
  },
];

/** What of an error at the start an operator must mend before another try can succeed; null for what may pass. */
export function refusalOf(error: Error, target: RedisTarget): QueueConfigurationError | null {
  const refusal = REFUSALS.find(({ says }) => says.test(error.message));
  return refusal
    ? new QueueConfigurationError(`Redis at ${nameOf(target)} ${refusal.means} (${error.message})`, {
        cause: error,
      })
    : null;
}

/** What to do about a server that didn't answer in time. */
export function lateRemedy({ tls }: RedisTarget): string {
  const speaks = tls ? ', and that it speaks TLS, as rediss:// says' : '';
  return `check REDIS_URL, that the server runs and can be reached${speaks}`;
}
