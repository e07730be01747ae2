import { type Domain, type ModuleName, moduleOf } from '@odoo-sync/core';
import { type Page, pageOf } from './askPage.js';
import type { Budget } from './budget.js';
import { checkAsked, checkPage, type PageExpectation } from './checkPage.js';
import { isReadingFault } from './classify.js';
import type { OdooRow } from './decode.js';
import { type Dissected, dissect, FAULTS_MOST, type PartialRows, type Readings } from './dissect.js';
import type { Doubts } from './doubts.js';
import type { RecordFault } from './explainRefusal.js';
import { taken, takenOf } from './halving.js';
import { offeredFields } from './offeredFields.js';
import { LIGHT, type SearchRead } from './searchRead.js';
import type { Answer, Transport } from './transport.js';

/** What the page that fails was asked with. */
export interface PoisonedReading {
  readonly module: ModuleName;
  /** Beside the module's own: the window's. */
  readonly terms: Domain;
  readonly fields: readonly string[];
  readonly bounds: PageExpectation['bounds'];
  /** For reading page after page by its records. */
  readonly budget: Budget;
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
  readonly plainRead: SearchRead;
  readonly transport: Transport;
  readonly doubts: Doubts;
}

/**
 * A page that fails is asked once more as it is; only when it fails the same way is it halved. Where many of its records
 * fail, the fault may be a field's: the module is to be described again first.
 */
export function createPoisonReader({ plainRead, transport, doubts }: PoisonReaderOptions): PoisonReader {
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
      const offered = offeredFields(moduleOf(module).model, value, fields);
      stored = new Set(offered.filter((field) => field.stored).map(({ name }) => name));
      storedOf.set(module, stored);
    }
    const known = stored;
    return fields.filter((name) => LIGHT.includes(name) || known.has(name));
  };
  const rowsOf = (
    { bounds }: PoisonedReading,
    { value }: Answer,
    ids: readonly number[],
  ): readonly OdooRow[] => checkAsked(value, { lastId: (ids[0] ?? 1) - 1, limit: ids.length, bounds }, ids);

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
    const { module, terms, fields, budget, ended } = reading;
    const answer = (some: readonly number[], names: readonly string[]) =>
      plainRead(module, [...terms, ['id', 'in', some]], names, some.length, ended);
    const ask = async (some: readonly number[], names: readonly string[]) =>
      rowsOf(reading, await answer(some, names), some);
    const partly = async (some: readonly number[], names: readonly string[]): Promise<PartialRows> => ({
      rows: await ask(some, names),
      unread: fields.filter((name) => !names.includes(name)),
    });
    const readings: Readings = {
      full: (some) => ask(some, fields),
      stored: async (id) => partly([id], await storedFields(reading)),
      async common(some) {
        const rest = fields.filter((name) => !LIGHT.includes(name));
        const read = await takenOf(rest, (names) => taken(() => answer(some, [...LIGHT, ...names])));
        return partly(some, [...LIGHT, ...read]);
      },
    };
    return dissect(ids, readings, {
      budget,
      onMany() {
        const doubted = doubts.raise(
          module,
          `more than ${FAULTS_MOST} records of a page can't be read: ${fault.message}`,
        );
        if (doubted) throw doubted;
      },
    });
  };
  const pieced = async (
    reading: PoisonedReading,
    fault: RecordFault,
    ids: readonly number[],
  ): Promise<Page> => ({
    records: null,
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
