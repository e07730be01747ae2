import type { Log, ServerKind } from './serverKind.js';

const LIMIT_MS = 300_000;
const MONGODB = '7.0.24';

/**
 * Where there is no pip: packages that download (and, for Redis, compile) a server. They are loaded only here, since their
 * download needs more of the network than a package registry.
 */
export async function downloadBinary(kind: ServerKind, cacheDir: string, log: Log): Promise<string> {
  log(`downloading a ${kind} server, which may take some minutes ...`);
  const download = kind === 'mongodb' ? downloadMongod(cacheDir) : downloadRedis(cacheDir);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the download had not ended after ${LIMIT_MS / 1_000} s`)),
      LIMIT_MS,
    );
  });
  try {
    return await Promise.race([download, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function downloadMongod(downloadDir: string): Promise<string> {
  const { MongoBinary } = await import('mongodb-memory-server-core');
  return MongoBinary.getPath({ version: MONGODB, downloadDir });
}

async function downloadRedis(downloadDir: string): Promise<string> {
  const { RedisBinary } = await import('redis-memory-server');
  return RedisBinary.getPath({ downloadDir });
}
