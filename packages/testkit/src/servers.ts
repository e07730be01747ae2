import { afterAll, beforeAll } from '@jest/globals';
import { type LocalMongo, type LocalRedis, startMongo, startRedis } from '@odoo-sync/local-servers';
import { sharedMongo, sharedRedis } from '@odoo-sync/local-servers/testing';
import { type Simulator, startSimulator } from '@odoo-sync/simulator';
import { must } from './must.js';

export interface ServerOptions {
  readonly redis?: boolean;
  /** A simulator of the file's own. */
  readonly simulator?: boolean;
  /** MongoDB and Redis of the file's own, for tests that kill them; shared with the files before and after unless told. */
  readonly own?: boolean;
}

/** The servers of a test file: there from its first test to its last. */
export class Servers {
  #mongoUrl: string | undefined;
  #redisUrl: string | undefined;
  #mongo: LocalMongo | undefined;
  #redis: LocalRedis | undefined;
  #simulator: Simulator | undefined;

  constructor(private readonly options: ServerOptions) {
    beforeAll(() => this.#start());
    afterAll(() => this.#stop());
  }

  get mongoUrl(): string {
    return must(this.#mongoUrl, 'no MongoDB is running');
  }

  get redisUrl(): string {
    return must(this.#redisUrl, 'no Redis is running');
  }

  /** The file's own MongoDB. */
  get mongo(): LocalMongo {
    return must(this.#mongo, 'no MongoDB of its own is running');
  }

  /** The file's own Redis. */
  get redis(): LocalRedis {
    return must(this.#redis, 'no Redis of its own is running');
  }

  get simulator(): Simulator {
    return must(this.#simulator, 'no simulator is running');
  }

  async #start(): Promise<void> {
    const { own, redis, simulator } = this.options;
    const log = () => {};
    if (own) {
      this.#mongo = await startMongo({ log, inMemory: true });
      if (redis) this.#redis = await startRedis({ log });
    }
    this.#mongoUrl = this.#mongo?.url ?? (await sharedMongo());
    if (redis) this.#redisUrl = this.#redis?.url ?? (await sharedRedis());
    if (simulator) this.#simulator = await startSimulator();
  }

  async #stop(): Promise<void> {
    await this.#simulator?.close();
    await Promise.all([this.#mongo?.stop(), this.#redis?.stop()]);
  }
}
