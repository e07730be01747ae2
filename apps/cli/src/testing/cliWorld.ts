import { randomBytes } from 'node:crypto';
import { batchIdOf, type ModuleName, type User, WINDOW_MS } from '@odoo-sync/core';
import { loadConfig } from '@odoo-sync/runtime';
import { COLLECTIONS, type MongoStore } from '@odoo-sync/store-mongo';
import { exitCodeOfCommand } from '@odoo-sync/terminal';
import { firstDay, layWindows, type ReadableOdoo, World } from '@odoo-sync/testkit';
import { createProgram } from '../program.js';

export interface Said {
  /** Standard output. */
  readonly out: string;
  /** Standard error. */
  readonly notes: string;
  readonly error: unknown;
  readonly exitCode: number;
}

export interface SayOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stop?: AbortSignal;
}

/** A fresh database for each test, an Odoo, and commands said in this process. */
export class CliWorld extends World {
  readonly #told: string[] = [];

  readonly #redisUrl: () => string;

  /** @param redis whether commands find a Redis: hardly any asks it. */
  constructor({ redis = false }: { readonly redis?: boolean } = {}) {
    super({ simulator: true, redis });
    this.#redisUrl = () => (redis ? this.servers.redisUrl : 'redis://127.0.0.1:1');
  }

  get env(): Readonly<Record<string, string>> {
    const url = new URL(this.servers.mongoUrl);
    url.pathname = `/${this.database}`;
    return {
      MONGODB_URL: url.toString(),
      REDIS_URL: this.#redisUrl(),
      QUEUE_PREFIX: this.prefix,
      CREDENTIALS_KEYS: this.keys,
      INITIAL_SYNC_RANGE_DAYS: '2',
    };
  }

  /** Everything that any command of this file has said. */
  get told(): string {
    return this.#told.join('\n');
  }

  /** Runs a command line without a terminal. A fault becomes the exit code that the process would have. */
  async say(args: readonly string[], options: SayOptions = {}): Promise<Said> {
    const out: string[] = [];
    const notes: string[] = [];
    let exitCode = 0;
    const program = createProgram({
      env: { ...this.env, ...options.env },
      stop: options.stop ?? new AbortController().signal,
      write: (text) => void out.push(text),
      note: (text) => void notes.push(text),
      terminal: false,
      exitWith: (code) => {
        exitCode = code;
      },
    });
    let error: unknown;
    try {
      await program.parseAsync(['node', 'odoo-sync', ...args]);
    } catch (thrown) {
      error = thrown;
    }
    if (error !== undefined) exitCode = exitCodeOfCommand(error);
    const stack = error instanceof Error ? `${error.stack} ${JSON.stringify(error)}` : '';
    this.#told.push(...out, ...notes, stack);
    return { out: out.join('\n'), notes: notes.join('\n'), error, exitCode };
  }

  /** The store as the fleet would open it. */
  store(): Promise<MongoStore> {
    return this.openStore(loadConfig(this.env, 'cli').engine);
  }

  /** A database of Odoo whose reader has a key of its own. */
  odoo(name = `acme${this.tests}`): ReadableOdoo {
    return this.addOdoo('reader', { name });
  }

  /** A user of the store with its windows: three a module. */
  async user(store: MongoStore, userId = 'acme'): Promise<User> {
    const secret = randomBytes(20).toString('hex');
    this.secrets.push(secret);
    const user = await store.addUser({
      userId,
      address: { url: 'https://acme.example', db: 'acme' },
      credentials: { kind: 'apiKey', login: 'reader', secret },
    });
    await layWindows(store, user);
    return user;
  }

  /** Makes a window failed, as four attempts would have. @returns its batch's id. */
  async failWindow(user: User, module: ModuleName, day: number): Promise<string> {
    const id = batchIdOf(user.userKey, module, new Date(firstDay(user).getTime() + day * WINDOW_MS));
    const lastError = {
      kind: 'transient',
      message: 'Odoo, or a proxy before it, answered HTTP 502',
      at: new Date(),
    };
    const { matchedCount } = await this.db
      .collection<{ _id: string }>(COLLECTIONS.batches)
      .updateOne(
        { _id: id },
        { $set: { status: 'failed', release: 1, attempts: 4, retries: 4, lastError } },
        { writeConcern: { w: 'majority' } },
      );
    if (matchedCount !== 1) throw new Error(`there is no batch ${id}`);
    return id;
  }
}
