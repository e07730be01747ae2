import {
  type Credentials,
  DEFAULT_SETTINGS,
  type Domain,
  type FieldList,
  type LightPage,
  type ModuleName,
  moduleOf,
  odooDateTime,
  type PageCeilings,
  type Source,
  type SourceAddress,
  type SourcePage,
  SyncError,
} from '@odoo-sync/core';
import { outsizedPage } from './askPage.js';
import { createBudget } from './budget.js';
import { byIds } from './byIds.js';
import { boundsOf, checkAsked, checkPage } from './checkPage.js';
import { OdooFault } from './classify.js';
import { createAnswerClock } from './clock.js';
import { withDatabaseCheck } from './databaseCheck.js';
import { fitsHeader } from './databaseHeader.js';
import { createDecoder, type OdooRow } from './decode.js';
import { describe } from './describe.js';
import { explainRefusal } from './explainRefusal.js';
import { createHttpClient } from './http.js';
import { createJson2 } from './json2.js';
import { createJsonRpc } from './jsonrpc.js';
import { keyset } from './keyset.js';
import { createLanguage } from './language.js';
import { observeRequests } from './observeRequests.js';
import type { OdooSourceOptions } from './options.js';
import { paced } from './pace.js';
import { createPageGrowth, createPageSizer, type PageSizer } from './pageSizer.js';
import { createPoisonReader } from './poisonReader.js';
import { readableFields } from './readableFields.js';
import { RecordFault } from './recordFault.js';
import { shapeOf } from './shapeOf.js';
import { lightPage, sourcePage } from './sourcePage.js';
import { anyOf, boundsOf as boundsOfRange, isCount, readGroups, surveyDomain } from './survey.js';
import type { Answer, Transport } from './transport.js';
import { normalizeOdooUrl } from './url.js';
import { createVeil } from './veil.js';
import { detectVersion } from './version.js';
import { withProbe } from './withProbe.js';

const JSON2_SINCE = 19;
const LIGHT_PAGE = 2_000;
const LIGHT = ['id', 'write_date'];

/** What differs between the date shown and the date searched: `hr.employee` for a user outside HR is a view with another write_date. */
const SHOWN_DATE_DIFFERS: readonly ModuleName[] = ['employees'];

/**
 * Opens a session with an Odoo: finds its version, picks the transport. The login is asked for with the first call.
 * @param ofUser the user's language, which goes before `ODOO_LANG`.
 */
export async function openSession(
  options: OdooSourceOptions,
  address: SourceAddress,
  credentials: Credentials,
  signal: AbortSignal,
  ofUser: string | null = null,
): Promise<Source> {
  const limits = {
    timeoutMs: options.requestTimeoutMs,
    maxBytes: options.maxAnswerBytes,
    readers: options.readers ?? 1,
  };
  const veil = createVeil(credentials.secret);
  const http = paced(
    createHttpClient(normalizeOdooUrl(address.url), limits, options, veil),
    options.apiCallDelayMs,
  );
  const clock = createAnswerClock(options.log, {
    now: options.now ?? Date.now,
    maxSkewMs: options.clockMaxSkewMs ?? DEFAULT_SETTINGS.clockMaxSkewMs,
  });
  const tell = observeRequests(options.onRequest);
  const askVersion = (ended: AbortSignal) => tell('web', ended, () => detectVersion(http, address.db, ended));
  const version = await askVersion(signal).catch((error: unknown) => {
    http.close();
    throw error;
  });
  clock.saw(version.answer.date);
  if (version.newer)
    options.log.warn(
      { odoo: address.url, version: version.text },
      `this Odoo is newer than any that is known here: it is read as an Odoo ${version.major}`,
    );
  // `/jsonrpc` names the database in its body, where any name can stand.
  const json2 = version.major >= JSON2_SINCE && credentials.kind === 'apiKey' && fitsHeader(address.db);
  const bare = json2
    ? createJson2(http, address.db, credentials.secret)
    : createJsonRpc(http, address.db, credentials);
  const plain = withProbe(withDatabaseCheck(http, address.db, version.major, bare));
  const transport: Transport = {
    kind: plain.kind,
    async call(...args) {
      const answer = await tell(plain.kind, args[3], () => plain.call(...args));
      clock.saw(answer.date);
      return answer;
    },
  };
  const growth = createPageGrowth(options.limitPerCall, options.limitPerCallMax);
  const sizers = new Map<ModuleName, Readonly<Record<keyof PageCeilings, PageSizer>>>();
  const sizersOf = (module: ModuleName) => {
    const known = sizers.get(module) ?? {
      full: createPageSizer(growth, options.limitPerCallMax),
      light: createPageSizer(createPageGrowth(LIGHT_PAGE, LIGHT_PAGE), LIGHT_PAGE),
    };
    sizers.set(module, known);
    return known;
  };
  const language = createLanguage(transport, ofUser, options.lang);
  const contextOf = async (ended: AbortSignal) => ({ active_test: false, lang: await language.code(ended) });
  // Modules whose readings are refused although each field is offered: found out field by field at the next description.
  const doubted = new Set<ModuleName>();
  // Of these, the ones that were described so: what is refused there from now on is refused over a record.
  const cleared = new Set<ModuleName>();
  const doubt = (module: ModuleName, message: string): SyncError => {
    doubted.add(module);
    cleared.delete(module);
    return new SyncError('fields', message);
  };

  const plainRead = async (
    module: ModuleName,
    terms: Domain,
    fields: readonly string[],
    limit: number,
    ended: AbortSignal,
  ): Promise<Answer> => {
    const { model, baseDomain } = moduleOf(module);
    const context = await contextOf(ended);
    const kwargs = { domain: [...baseDomain, ...terms], fields, order: 'id asc', limit, context };
    return transport.call(model, 'search_read', kwargs, ended);
  };
  const searchRead: typeof plainRead = async (module, terms, fields, limit, ended) => {
    try {
      return await plainRead(module, terms, fields, limit, ended);
    } catch (error) {
      const explained = await explainRefusal(transport, version.major, module, fields, error, ended);
      const ofAccess = error instanceof OdooFault && error.kind === 'access';
      if (explained instanceof RecordFault && ofAccess && !cleared.has(module))
        throw doubt(module, explained.message);
      throw explained;
    }
  };
  const poison = createPoisonReader({
    plainRead,
    transport,
    doubt: (module, message) => (cleared.has(module) ? null : doubt(module, message)),
  });
  /** Where even its id and date are too large an answer, no record is at fault. */
  const outsized = async (
    module: ModuleName,
    terms: Domain,
    check: (value: unknown) => readonly OdooRow[],
    ended: AbortSignal,
    error: Error,
  ) => {
    const { value } = await searchRead(module, terms, LIGHT, 1, ended);
    return outsizedPage(
      check(value).map(({ id }) => id as number),
      error,
    );
  };
  const pages = (
    module: ModuleName,
    terms: Domain,
    fields: readonly string[],
    light: boolean,
    bounds: { start: string; end: string | null } | null,
    ended: AbortSignal,
  ) => {
    const shown = SHOWN_DATE_DIFFERS.includes(module) ? null : bounds;
    const budget = createBudget();
    return keyset(
      {
        sizer: sizersOf(module)[light ? 'light' : 'full'],
        bounds: shown,
        fetch: (lastId, limit, either) =>
          searchRead(module, [...terms, ['id', '>', lastId]], fields, limit, either),
        mend: (fault, lastId, limit, either) =>
          poison.page({ module, terms, fields, bounds: shown, budget, ended: either }, fault, lastId, limit),
        outsized(error, lastId, either) {
          if (light) throw error;
          const check = (value: unknown) => checkPage(value, { lastId, limit: 1, bounds: shown });
          return outsized(module, [...terms, ['id', '>', lastId]], check, either, error);
        },
      },
      ended,
    );
  };
  const decoderFor = (module: ModuleName, fields: FieldList) =>
    createDecoder(fields, moduleOf(module).volatile);

  return {
    serverVersion: version.text,
    transport: transport.kind,
    clock: clock.read,
    async touch(ended) {
      // The version is told without a look at a database, but on JSON-2 each question by /jsonrpc is a warning in Odoo's log.
      if (json2) await transport.call('res.users', 'context_get', {}, ended);
      else clock.saw((await askVersion(ended)).answer.date);
    },
    async describe(module, ended) {
      await language.check(ended);
      const list = await describe(transport, version.major, module, ended);
      if (!doubted.has(module)) return list;
      const context = await contextOf(ended);
      const readable = await readableFields(list, { transport, module, context, signal: ended });
      cleared.add(module);
      return readable;
    },
    async survey(module, range, ended) {
      const { model, baseDomain } = moduleOf(module);
      const domain = surveyDomain(baseDomain, range);
      // By day in UTC, whatever the user's own time zone is.
      const inUtc = { ...(await contextOf(ended)), tz: 'UTC' };
      const { value } =
        version.major >= JSON2_SINCE
          ? await transport.call(
              model,
              'formatted_read_group',
              { domain, groupby: ['write_date:day'], aggregates: ['__count'], context: inUtc },
              ended,
            )
          : await transport.call(
              model,
              'read_group',
              { domain, fields: ['write_date'], groupby: ['write_date:day'], lazy: false, context: inUtc },
              ended,
            );
      return readGroups(value, range);
    },
    async count(module, ranges, ended) {
      if (ranges.length === 0) return 0;
      const { model, baseDomain } = moduleOf(module);
      const domain = anyOf(baseDomain, ranges);
      const question = { domain, context: await contextOf(ended) };
      const { value } = await transport.call(model, 'search_count', question, ended);
      if (!isCount(value))
        throw new SyncError('bug', `expected a count from Odoo's search_count, got ${shapeOf(value)}`);
      return value;
    },
    async holds(module, range, ended) {
      const { value } = await searchRead(module, boundsOfRange(range), ['id'], 1, ended);
      if (!Array.isArray(value))
        throw new SyncError('transient', `expected a list of ids from Odoo, got ${shapeOf(value)}`);
      return value.length > 0;
    },
    async *window(module, fields, window, ended): AsyncGenerator<SourcePage> {
      const bounds = boundsOf(window);
      const terms: Domain = [
        ['write_date', '>=', bounds.start],
        ['write_date', '<', bounds.end],
      ];
      const decode = decoderFor(module, fields);
      const names = fields.fields.map(({ name }) => name);
      for await (const page of pages(module, terms, names, false, bounds, ended))
        yield await sourcePage(page, decode);
    },
    async *light(module, from, ended): AsyncGenerator<LightPage> {
      const start = odooDateTime(from);
      const terms: Domain = [['write_date', '>=', start]];
      for await (const page of pages(module, terms, LIGHT, true, { start, end: null }, ended)) {
        yield lightPage(page, clock.read().lastAnswer);
      }
    },
    async *read(module, fields, odooIds, ended): AsyncGenerator<SourcePage> {
      const decode = decoderFor(module, fields);
      const names = fields.fields.map(({ name }) => name);
      const budget = createBudget();
      const fetch = (ids: readonly number[]) =>
        searchRead(module, [['id', 'in', ids]], names, ids.length, ended);
      const mend = (fault: RecordFault, ids: readonly number[]) =>
        poison.records({ module, terms: [], fields: names, bounds: null, budget, ended }, fault, ids);
      const reading = {
        sizer: sizersOf(module).full,
        fetch,
        mend,
        outsized(error: Error, ids: readonly number[]) {
          const expected = { lastId: (ids[0] as number) - 1, limit: 1, bounds: null };
          const check = (value: unknown) => checkAsked(value, expected, ids);
          return outsized(module, [['id', 'in', ids]], check, ended, error);
        },
      };
      for await (const page of byIds(reading, odooIds, ended)) yield await sourcePage(page, decode);
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
    setPace: (delayMs) => http.setPace(delayMs),
    close: () => http.close(),
  };
}
