import { plainLines } from '@odoo-sync/core';
import { EXIT, exitCodeOf } from './exitCode.js';
import type { Logger } from './logger.js';
import { redactUrl } from './redact.js';

/** What {@link runMain} needs of `process`. */
export interface Host {
  title: string;
  readonly stderr: { write(text: string): unknown };
  on(event: string, listener: (argument: unknown) => void): unknown;
  exit(code: number): unknown;
}

/** A role's process while it is built and runs. */
export interface Main {
  /** Aborted by the first SIGTERM or SIGINT. */
  readonly stopping: AbortSignal;
  /** Where faults and the end are reported from now on, instead of standard error. */
  logTo(log: Logger): void;
  /** Called once at the end, the last registered first. */
  onClose(what: string, close: () => unknown): void;
  /** The work is done: when `main` returns, everything is closed and the process ends with this code. */
  finish(exitCode: number): void;
}

const TEXT_MOST = 16_000;

/**
 * Runs a composition root: builds by `main`, then lives until SIGTERM or SIGINT, and closes in the reverse order. A second
 * signal ends the process at once.
 *
 * A fault at the start is one clear text on standard error (no stack) and the exit code that `exitCodeOf` has for it. An unhandled rejection or exception is logged and ends the process with 1.
 */
export async function runMain(
  name: string,
  main: (main: Main) => Promise<void>,
  host: Host = process,
): Promise<void> {
  host.title = name;
  const closers: { readonly what: string; readonly close: () => unknown }[] = [];
  const stopping = new AbortController();
  let log: Logger | undefined;
  let ending: Promise<void> | undefined;

  const fault = (what: string, error: unknown) => {
    if (log) log.error({ err: error }, what);
    else host.stderr.write(`${name}: ${what}: ${textOf(error)}\n`);
  };
  const end = (code: number): Promise<void> => {
    ending ??= (async () => {
      let exitCode = code;
      for (const { what, close } of closers.reverse()) {
        try {
          await close();
        } catch (error) {
          fault(`could not close ${what}`, error);
          exitCode ||= EXIT.failed;
        }
      }
      log?.flush();
      host.exit(exitCode);
    })();
    return ending;
  };
  const onSignal = (signal: string, code: number) => {
    host.on(signal, () => {
      if (stopping.signal.aborted) {
        log?.warn({ signal }, 'ends at once: second signal');
        host.exit(code);
        return;
      }
      log?.info({ signal }, 'stopping');
      stopping.abort();
      void end(EXIT.done);
    });
  };
  onSignal('SIGTERM', 143);
  onSignal('SIGINT', 130);
  for (const event of ['unhandledRejection', 'uncaughtException']) {
    host.on(event, (error) => {
      fault(
        `ends after an ${event === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception'}`,
        error,
      );
      log?.flush();
      host.exit(EXIT.failed);
    });
  }

  try {
    let finished: number | undefined;
    await main({
      stopping: stopping.signal,
      logTo: (logger) => {
        log = logger;
      },
      onClose: (what, close) => {
        closers.push({ what, close });
      },
      finish: (exitCode) => {
        finished = exitCode;
      },
    });
    if (finished !== undefined) await end(finished);
  } catch (error) {
    // A start that a signal interrupted fails because it was told to.
    if (!stopping.signal.aborted) host.stderr.write(`${name} did not start: ${textOf(error)}\n`);
    await end(exitCodeOf(error));
  }
}

/** What a terminal may be shown of an error. It may have lines of its own, as a list of wrong settings has. */
export const textOf = (error: unknown): string =>
  redactUrl(plainLines(error instanceof Error ? error.message : String(error), TEXT_MOST));
