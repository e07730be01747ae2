import {
  HandedBackError,
  type ModuleName,
  odooTime,
  type Source,
  type SourcePage,
  type SourceRecord,
  SyncError,
  type TimeRange,
  windowOf,
} from '@odoo-sync/core';
import type { Actor, Actors } from './actors.js';

/** How a worker fares with Odoo, or its end of it, in one turn. */
export const ENDINGS = [
  'commit',
  'inParts',
  'fail',
  'final',
  'handBack',
  'wait',
  'unreachable',
  'credentials',
  'access',
  'strangeDate',
] as const;
export type Ending = (typeof ENDINGS)[number];

/** A record as one transaction of Odoo's left it. */
interface Version {
  readonly odooId: number;
  readonly writeDate: Date;
  /** What it holds: another in every version, though two may bear one second. */
  readonly hash: string;
  /** When its transaction committed: nobody sees it before. */
  readonly visibleAt: number;
}

const PAGE = 2;
const STRANGE_MS = 1_800_000;
const THROTTLED_MS = 5_000;
const NO_FIELDS = { fields: [], dropped: [], version: '1' };

const wholeSeconds = (ms: number) => odooTime(Math.floor(ms / 1_000) * 1_000);

/**
 * The Odoos of all users in memory, on the world's clock. A write bears the time at which its transaction wrote, and is seen
 * when that commits, as in PostgreSQL: so a record can appear behind what was read.
 */
export class MemoryOdoo {
  readonly #tables = new Map<string, Version[]>();
  #writes = 0;

  constructor(
    readonly actors: Actors,
    readonly now: () => number,
    /** Odoo's clock minus the store's. */
    readonly skewMs: number,
  ) {}

  #table(db: string, module: ModuleName): Version[] {
    const key = `${db}/${module}`;
    const known = this.#tables.get(key);
    if (known) return known;
    const made: Version[] = [];
    this.#tables.set(key, made);
    return made;
  }

  /** A record is written now, by a transaction that commits after a while. Where another holds it, nothing happens. */
  write(db: string, module: ModuleName, odooId: number, commitsAfterMs: number): void {
    const table = this.#table(db, module);
    if (table.some((one) => one.odooId === odooId && one.visibleAt > this.now())) return;
    table.push({
      odooId,
      writeDate: wholeSeconds(this.now() + this.skewMs),
      hash: `write ${this.#writes++}`,
      visibleAt: this.now() + commitsAfterMs,
    });
  }

  /** Records that were there before anything began. */
  seed(db: string, module: ModuleName, odooId: number, writeDate: Date): void {
    this.#table(db, module).push({ odooId, writeDate, hash: 'seed', visibleAt: 0 });
  }

  /** What a query sees now, by ids. */
  visible(db: string, module: ModuleName): readonly Version[] {
    const seen = new Map<number, Version>();
    for (const version of this.#table(db, module))
      if (version.visibleAt <= this.now()) seen.set(version.odooId, version);
    return [...seen.values()].sort((a, b) => a.odooId - b.odooId);
  }

  /** The session of an actor's turn with a user's Odoo. */
  source(actor: Actor, db: string, ending: Ending): Source {
    let lastAnswer = wholeSeconds(this.now() + this.skewMs);
    const odooNow = () =>
      wholeSeconds(this.now() + this.skewMs + (ending === 'strangeDate' ? STRANGE_MS : 0));
    /** One request and its answer. */
    const ask = async <T>(answer: () => T): Promise<T> => {
      await this.actors.stop(actor);
      const fault = faultOf(ending);
      if (fault) throw fault;
      lastAnswer = odooNow();
      return answer();
    };
    const within = (range: TimeRange) => (version: Version) =>
      (range.start === null || version.writeDate >= range.start) && version.writeDate < range.end;
    const visible = (module: ModuleName) => this.visible(db, module);
    async function* pages(read: () => readonly Version[]): AsyncIterable<SourcePage> {
      for (let last = 0; ; ) {
        const page = await ask(() =>
          read()
            .filter(({ odooId }) => odooId > last)
            .slice(0, PAGE),
        );
        if (page.length === 0) return;
        last = page.at(-1)?.odooId ?? last;
        const records = page.map(recordOf);
        yield { records, unreadable: [], packed: new Uint8Array(), unpack: () => records, ms: 1 };
      }
    }
    return {
      serverVersion: '19.0',
      transport: 'json2',
      clock: () => ({ lastAnswer: odooTime(lastAnswer), now: odooTime(odooNow()), offMs: null }),
      touch: () => ask(() => {}),
      databaseUuid: () => ask(() => null),
      describe: () => ask(() => NO_FIELDS),
      survey: (module, range) =>
        ask(() => {
          const days = new Map<number, number>();
          for (const { writeDate } of visible(module).filter(within(range))) {
            const start = windowOf(writeDate).start.getTime();
            days.set(start, (days.get(start) ?? 0) + 1);
          }
          return [...days].map(([start, records]) => ({ start: new Date(start), records }));
        }),
      holds: (module, range) => ask(() => visible(module).some(within(range))),
      count: (module, ranges) =>
        ask(() => visible(module).filter((version) => ranges.some((range) => within(range)(version))).length),
      window: (module, _, window) => pages(() => visible(module).filter(within(window))),
      async *light(module, from) {
        for (let last = 0; ; ) {
          const rows = await ask(() =>
            visible(module)
              .filter(({ odooId, writeDate }) => odooId > last && writeDate >= from)
              .slice(0, PAGE),
          );
          if (rows.length === 0) return;
          last = rows.at(-1)?.odooId ?? last;
          yield { rows, unreadable: [], date: lastAnswer, lastId: last };
        }
      },
      async *ids(module, afterId) {
        for (let last = afterId; ; ) {
          const rows = await ask(() =>
            visible(module)
              .filter(({ odooId }) => odooId > last)
              .slice(0, PAGE),
          );
          if (rows.length === 0) return;
          last = rows.at(-1)?.odooId ?? last;
          yield { rows, unreadable: [], date: lastAnswer, lastId: last };
        }
      },
      existing: (module, odooIds) =>
        ask(
          () => new Set(visible(module).flatMap(({ odooId }) => (odooIds.includes(odooId) ? [odooId] : []))),
        ),
      read: (module, _, odooIds) =>
        pages(() => visible(module).filter(({ odooId }) => odooIds.includes(odooId))),
      pageCeilings: () => ({ full: null, light: null }),
      knowPageCeilings() {},
      setPace() {},
      close() {},
    };
  }
}

/** The model looks at hashes alone. */
const NOTHING = new Uint8Array();

const recordOf = ({ odooId, writeDate, hash }: Version): SourceRecord => ({
  odooId,
  writeDate,
  hash,
  document: NOTHING,
  fields: {},
});

function faultOf(ending: Ending): Error | null {
  switch (ending) {
    case 'commit':
    case 'inParts':
    case 'strangeDate':
      return null;
    case 'handBack':
      return new HandedBackError('the worker stops');
    case 'fail':
      return new SyncError('transient', 'a 502');
    case 'final':
      return new SyncError('limit', 'it has no end');
    case 'wait':
      return new SyncError('throttled', 'too many requests', { retryAfterMs: THROTTLED_MS });
    case 'unreachable':
      return new SyncError('transient', 'no connection', { unreachable: true });
    case 'credentials':
      return new SyncError('credentials', 'the key is wrong');
    case 'access':
      return new SyncError('access', 'the model may not be read');
  }
}
