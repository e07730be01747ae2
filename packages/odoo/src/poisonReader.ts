import { type Domain, type ModuleName, moduleOf, type SyncError } from '@odoo-sync/core';
import { z } from 'zod';
import { type Page, pageOf } from './askPage.js';
import { checkPage, type PageExpectation } from './checkPage.js';
import { isReadingFault } from './classify.js';
import type { OdooRow } from './decode.js';
import { type Dissected, dissect, PoisonedPageError } from './dissect.js';
import type { RecordFault } from './recordFault.js';
import type { Answer, Transport } from './transport.js';

/** What the page that fails was asked with. */
export interface PoisonedReading {
  readonly module: ModuleName;
  /** Beside the module's own: the window's. */
  readonly terms: Domain;
  readonly fields: readonly string[];
  readonly bounds: PageExpectation['bounds'];
  readonly ended: AbortSignal;
}

/** Reads pages that fail over a record. */
export interface PoisonReader {
  /** The page of at most `limit` records after an id. */
  page(reading: PoisonedReading, fault: RecordFault, lastId: number, limit: number): Promise<Page>;
  /** Some records by their ids. */
  records(reading: PoisonedReading, fault: RecordFault, ids: readonly number[]): Promise<Page>;
}

export interface PoisonReaderOptions {
  readonly plainRead: (
    module: ModuleName,
    terms: Domain,
    fields: readonly string[],
    limit: number,
    ended: AbortSignal,
  ) => Promise<Answer>;
  readonly transport: Transport;
  /** Has the module described again, field by field. */
  readonly doubt: (module: ModuleName, message: string) => SyncError;
}

const LIGHT = ['id', 'write_date'];
const STORED = z.record(z.string(), z.object({ store: z.boolean().optional() }));

/**
 * A page that fails is asked once more as it is; only when it fails the same way is it halved. Where too many of its
 * records fail, the fault is a field's: the module is to be described again.
 */
export function createPoisonReader({ plainRead, transport, doubt }: PoisonReaderOptions): PoisonReader {
  const storedOf = new Map<ModuleName, ReadonlySet<string>>();
  const storedFields = async ({ module, fields, ended }: PoisonedReading): Promise<readonly string[]> => {
    let stored = storedOf.get(module);
    if (!stored) {
      const { value } = await transport.call(
        moduleOf(module).model,
        'fields_get',
        { allfields: fields, attributes: ['type', 'store'] },
        ended,
      );
      const told = STORED.parse(value);
      stored = new Set(Object.keys(told).filter((name) => told[name]?.store));
      storedOf.set(module, stored);
    }
    const known = stored;
    return fields.filter((name) => LIGHT.includes(name) || known.has(name));
  };
  const rowsOf = (
    { bounds }: PoisonedReading,
    { value }: Answer,
    ids: readonly number[],
  ): readonly OdooRow[] => checkPage(value, { lastId: (ids[0] ?? 1) - 1, limit: ids.length, bounds });

  /** The fault again, or the answer that came instead. */
  const once = async (ask: () => Promise<Answer>, fault: RecordFault): Promise<Answer | null> => {
    try {
      return await ask();
    } catch (error) {
      if (isReadingFault(error) && error.exception === fault.exception) return null;
      throw error;
    }
  };
  const halved = async (
    reading: PoisonedReading,
    fault: RecordFault,
    ids: readonly number[],
  ): Promise<Dissected> => {
    const { module, terms, fields, ended } = reading;
    const ask = async (some: readonly number[], names: readonly string[]) =>
      rowsOf(
        reading,
        await plainRead(module, [...terms, ['id', 'in', some]], names, some.length, ended),
        some,
      );
    try {
      return await dissect(
        ids,
        {
          full: (some) => ask(some, fields),
          async stored(id) {
            const stored = await storedFields(reading);
            const unread = fields.filter((name) => !stored.includes(name));
            return { rows: await ask([id], stored), unread };
          },
        },
        fault,
      );
    } catch (error) {
      throw error instanceof PoisonedPageError ? doubt(module, error.message) : error;
    }
  };
  const pieced = async (
    reading: PoisonedReading,
    fault: RecordFault,
    ids: readonly number[],
  ): Promise<Page> => ({
    date: null,
    ms: 0,
    body: null,
    lastId: ids.at(-1) ?? null,
    ...(await halved(reading, fault, ids)),
  });

  return {
    async page(reading, fault, lastId, limit) {
      const { module, terms, fields, bounds, ended } = reading;
      const from: Domain = [...terms, ['id', '>', lastId]];
      const expected = { lastId, limit, bounds };
      const again = await once(() => plainRead(module, from, fields, limit, ended), fault);
      if (again) return pageOf(again, checkPage(again.value, expected));
      const light = await plainRead(module, from, LIGHT, limit, ended).catch((error: unknown) => {
        // Where not even ids can be told, no record is at fault.
        throw isReadingFault(error) ? fault : error;
      });
      const ids = checkPage(light.value, expected).map(({ id }) => id as number);
      return { ...(await pieced(reading, fault, ids)), date: light.date, ms: light.ms };
    },
    async records(reading, fault, ids) {
      const { module, terms, fields, ended } = reading;
      const again = await once(
        () => plainRead(module, [...terms, ['id', 'in', ids]], fields, ids.length, ended),
        fault,
      );
      return again ? pageOf(again, rowsOf(reading, again, ids)) : pieced(reading, fault, ids);
    },
  };
}
