import { QueueConfigurationError } from './errors.js';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
  readonly db: number;
}

/** Where Redis is, as `REDIS_URL` says it. */
export type RedisTarget =
  | (Access & { readonly kind: 'single'; readonly node: RedisNode })
  | (Access & {
      readonly kind: 'sentinel';
      readonly nodes: readonly RedisNode[];
      readonly master: string;
      /** Of the Sentinels themselves, which may have others than the servers. */
      readonly sentinel: Pick<Access, 'username' | 'password'>;
    })
  | (Access & { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] });

const SHAPE = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const PORTS = { single: 6_379, sentinel: 26_379, cluster: 6_379 } as const;

/**
 * Reads `redis://user:password@host:port/db`, `redis+sentinel://user:password@host:port,host:port/master/db` (the password is
 * the servers'; that of the Sentinels, where they want one, is `?sentinelPassword=`, with `&sentinelUsername=`) or `redis+cluster://user:password@host:port,host:port`; `rediss` for TLS.
 * @throws QueueConfigurationError that doesn't repeat the URL.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const match = SHAPE.exec(url);
  if (!match) {
    throw new QueueConfigurationError(
      'REDIS_URL: expected redis://[user:password@]host[:port][/db], redis+sentinel://[user:password@]host:port,.../master[/db] or redis+cluster://[user:password@]host:port,... with every special letter of the password escaped (@ as %40, / as %2F); what is set (not shown) is something else',
    );
  }
  const [, scheme, kind = 'single', userInfo = '', hosts = '', path = '', query = ''] = match;
  const steps = path.split('/').filter((step) => step !== '');
  const access = { ...readUserInfo(userInfo), tls: scheme === 'rediss' };
  const nodes = hosts.split(',').map((host) => readNode(host, PORTS[kind as keyof typeof PORTS]));
  const sentinel = readQuery(query, kind);
  if (kind === 'sentinel') {
    const [master, db] = steps;
    if (!master)
      throw new QueueConfigurationError(
        "REDIS_URL: expected the master's name after the Sentinels' hosts: redis+sentinel://host:port/master",
      );
    return { kind, nodes, master, sentinel, ...access, db: readDb(db) };
  }
  if (kind === 'cluster') return { kind, nodes, ...access, db: 0 };
  const [node] = nodes;
  if (!node || nodes.length > 1)
    throw new QueueConfigurationError(
      'REDIS_URL: expected one host in redis://; several are written redis+sentinel:// or redis+cluster://',
    );
  return { kind: 'single', node, ...access, db: readDb(steps[0]) };
}

function readUserInfo(text: string): {
  readonly username: string | undefined;
  readonly password: string | undefined;
} {
  const colon = text.indexOf(':');
  const [user, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  return { username: unescaped(user), password: unescaped(password) };
}

function readQuery(query: string, kind: string): Pick<Access, 'username' | 'password'> {
  const given = new Map(
    query.split('&').flatMap((part) => {
      const [name = '', ...value] = part.split('=');
      return name === '' ? [] : [[name, value.join('=')] as const];
    }),
  );
  const known = kind === 'sentinel' ? ['sentinelUsername', 'sentinelPassword'] : [];
  if ([...given.keys()].some((name) => !known.includes(name)))
    throw new QueueConfigurationError(
      'REDIS_URL: expected nothing behind a ? but sentinelPassword and sentinelUsername, of redis+sentinel:// alone; there is something else (not shown)',
    );
  return {
    username: unescaped(given.get('sentinelUsername') ?? ''),
    password: unescaped(given.get('sentinelPassword') ?? ''),
  };
}

function unescaped(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new QueueConfigurationError(
      'REDIS_URL: expected every % in user and password to begin an escape such as %25; one does not',
    );
  }
}

function readNode(text: string, defaultPort: number): RedisNode {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text.trim());
  const port = Number(match?.[2] ?? defaultPort);
  if (!match?.[1] || port < 1 || port > 65_535) {
    throw new QueueConfigurationError(
      'REDIS_URL: expected hosts as host:port, separated by commas; one is something else',
    );
  }
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}

function readDb(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,5}$/.test(text))
    throw new QueueConfigurationError(
      `REDIS_URL: expected the number of a database at its end, not "${text}"`,
    );
  return Number(text);
}

/** For messages: where it is, without how to get in. */
export function nameOf(target: RedisTarget): string {
  const nodes = target.kind === 'single' ? [target.node] : target.nodes;
  const hosts = nodes.map(({ host, port }) => `${host}:${port}`).join(',');
  return target.kind === 'sentinel' ? `${target.master} by ${hosts}` : hosts;
}
