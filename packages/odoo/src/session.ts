import {
  type Credentials,
  type FieldList,
  type ModuleName,
  moduleOf,
  type OpenSource,
  odooDateTime,
  type Source,
  type SourceAddress,
  SyncError,
} from '@odoo-sync/core';
import { boundsOf } from './checkPage.js';
import { OdooFault } from './classify.js';
import { connect } from './connect.js';
import { createDecoder } from './decode.js';
import { describe } from './describe.js';
import { createDoubts } from './doubts.js';
import { createLanguage } from './language.js';
import { createModuleSizers } from './moduleSizers.js';
import type { OdooSourceOptions } from './options.js';
import { createPageReader } from './pageReader.js';
import { createPoisonReader } from './poisonReader.js';
import { readableFields } from './readableFields.js';
import { createRowReader } from './rowReader.js';
import { type ContextOf, createPlainRead, createSearchRead, LIGHT } from './searchRead.js';
import { shapeOf } from './shapeOf.js';
import { lightPage, sourcePage } from './sourcePage.js';
import { countRecords, surveyDays, termsOf } from './survey.js';

/** What differs between the date shown and the date searched: `hr.employee` for a user outside HR is a view with another write_date. */
const SHOWN_DATE_DIFFERS: readonly ModuleName[] = ['employees'];

/** A UUID has 36 letters. */
const UUID_MOST = 100;

/** The source port: opens sessions with Odoo servers of version 14 and later. */
export const createOdooSource =
  (options: OdooSourceOptions): OpenSource =>
  (address, credentials, signal, language = null) =>
    openSession(options, address, credentials, signal, language);

/** @param ofUser the user's language, which goes before `ODOO_LANG`. */
async function openSession(
  options: OdooSourceOptions,
  address: SourceAddress,
  credentials: Credentials,
  signal: AbortSignal,
  ofUser: string | null,
): Promise<Source> {
  const connection = await connect(options, address, credentials, signal);
  const { transport, clock } = connection;
  const { major, text } = connection.version;
  const sizersOf = createModuleSizers(options.limitPerCall, options.limitPerCallMax);
  const doubts = createDoubts();
  const language = createLanguage(transport, ofUser, options.lang);
  const contextOf: ContextOf = async (ended) => ({ active_test: false, lang: await language.code(ended) });
  const plainRead = createPlainRead(transport, contextOf);
  const searchRead = createSearchRead(plainRead, transport, major, doubts);
  const pages = createPageReader(searchRead, createPoisonReader({ plainRead, transport, doubts }));

  const about = async (module: ModuleName, ended: AbortSignal) => ({
    transport,
    module,
    context: await contextOf(ended),
    signal: ended,
  });
  const shown = <T>(module: ModuleName, bounds: T): T | null =>
    SHOWN_DATE_DIFFERS.includes(module) ? null : bounds;
  const decodingOf = (module: ModuleName, fields: FieldList) => {
    const { volatile } = moduleOf(module);
    const decode = createDecoder(fields, volatile);
    return { decode, read: createRowReader(fields, volatile, decode) };
  };
  const namesOf = ({ fields }: FieldList) => fields.map(({ name }) => name);

  return {
    serverVersion: text,
    transport: transport.kind,
    clock: clock.read,
    touch: connection.touch,
    async databaseUuid(ended) {
      try {
        const kwargs = { key: 'database.uuid' };
        const { value } = await transport.call('ir.config_parameter', 'get_param', kwargs, ended);
        return typeof value === 'string' && value.length <= UUID_MOST ? value : null;
      } catch (error) {
        // What Odoo itself raises says that it won't tell; a connection that failed says nothing.
        if (error instanceof OdooFault && error.kind !== 'transient' && error.kind !== 'credentials')
          return null;
        throw error;
      }
    },
    async describe(module, ended) {
      await language.check(ended);
      const list = await describe(transport, major, module, ended);
      if (!doubts.has(module)) return list;
      const readable = await readableFields(list, await about(module, ended));
      doubts.clear(module);
      return readable;
    },
    survey: async (module, range, ended) => surveyDays(await about(module, ended), major, range),
    count: async (module, ranges, ended) =>
      ranges.length === 0 ? 0 : countRecords(await about(module, ended), ranges),
    async holds(module, range, ended) {
      const { value } = await searchRead(module, termsOf(range), ['id'], 1, ended);
      if (!Array.isArray(value))
        throw new SyncError('transient', `expected a list of ids from Odoo, got ${shapeOf(value)}`);
      return value.length > 0;
    },
    async *window(module, fields, window, ended) {
      const decoding = decodingOf(module, fields);
      const reading = {
        module,
        terms: termsOf(window),
        fields: namesOf(fields),
        read: decoding.read,
        light: false,
        sizer: sizersOf(module).full,
        bounds: shown(module, boundsOf(window)),
      };
      for await (const page of pages.all(reading, ended)) yield await sourcePage(page, decoding);
    },
    async *light(module, from, ended) {
      const start = odooDateTime(from);
      const reading = {
        module,
        terms: [['write_date', '>=', start] as const],
        fields: LIGHT,
        read: null,
        light: true,
        sizer: sizersOf(module).light,
        bounds: shown(module, { start, end: null }),
      };
      for await (const page of pages.all(reading, ended)) yield lightPage(page, clock.read().lastAnswer);
    },
    async *ids(module, afterId, ended) {
      const reading = {
        module,
        terms: [['id', '>', afterId] as const],
        fields: LIGHT,
        read: null,
        light: true,
        sizer: sizersOf(module).ids,
        bounds: null,
      };
      for await (const page of pages.all(reading, ended)) yield lightPage(page, clock.read().lastAnswer);
    },
    async existing(module, odooIds, ended) {
      const found = new Set<number>();
      const reading = { module, fields: LIGHT, sizer: sizersOf(module).light, read: null };
      for await (const { rows, unreadable } of pages.some(reading, odooIds, ended)) {
        for (const { id } of rows) found.add(id as number);
        for (const { odooId } of unreadable) found.add(odooId);
      }
      return found;
    },
    async *read(module, fields, odooIds, ended) {
      const decoding = decodingOf(module, fields);
      const { read } = decoding;
      const reading = { module, fields: namesOf(fields), sizer: sizersOf(module).full, read };
      for await (const page of pages.some(reading, odooIds, ended)) yield await sourcePage(page, decoding);
    },
    pageCeilings(module) {
      const { full, light } = sizersOf(module);
      return { full: full.ceiling(), light: light.ceiling() };
    },
    knowPageCeilings(module, { full, light }) {
      const of = sizersOf(module);
      of.full.know(full);
      of.light.know(light);
    },
    setPace: connection.setPace,
    close: connection.close,
  };
}
