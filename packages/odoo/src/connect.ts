import { type Credentials, DEFAULT_SETTINGS, type SourceAddress } from '@odoo-sync/core';
import { type AnswerClock, createAnswerClock } from './clock.js';
import { withDatabaseCheck } from './databaseCheck.js';
import { fitsHeader } from './databaseHeader.js';
import { createHttpClient } from './http.js';
import { createJson2 } from './json2.js';
import { createJsonRpc } from './jsonrpc.js';
import { observeRequests } from './observeRequests.js';
import type { OdooSourceOptions } from './options.js';
import { type PacedHttp, paced } from './pace.js';
import type { Transport } from './transport.js';
import { normalizeOdooUrl } from './url.js';
import { createVeil } from './veil.js';
import { detectVersion, type ServerVersion } from './version.js';
import { withProbe } from './withProbe.js';

const JSON2_SINCE = 19;

/** The way to an Odoo. Its clock is read off every answer, and whoever counts requests is told of each. */
export interface Connection extends Pick<PacedHttp, 'setPace' | 'close'> {
  readonly version: ServerVersion;
  readonly transport: Transport;
  readonly clock: AnswerClock;
  /** One cheap request, for its `Date`. */
  touch(signal: AbortSignal): Promise<void>;
}

/**
 * Finds an Odoo's version and picks the transport. The login is asked for with the first call.
 * @throws SyncError where no Odoo of a supported version answers.
 */
export async function connect(
  options: OdooSourceOptions,
  address: SourceAddress,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Connection> {
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
  const observe = observeRequests(options.onRequest);
  const askVersion = (ended: AbortSignal) =>
    observe('web', ended, () => detectVersion(http, address.db, ended));
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
      const answer = await observe(plain.kind, args[3], () => plain.call(...args));
      clock.saw(answer.date);
      return answer;
    },
  };
  return {
    version,
    transport,
    clock,
    async touch(ended) {
      // The version is told without a look at a database, but on JSON-2 each question by /jsonrpc is a warning in Odoo's log.
      if (json2) await transport.call('res.users', 'context_get', {}, ended);
      else clock.saw((await askVersion(ended)).answer.date);
    },
    setPace: http.setPace,
    close: () => http.close(),
  };
}
