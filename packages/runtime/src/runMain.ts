import { redactUrl } from './logger.js';

/** Something to be closed at the end, in the reverse order of its making. */
export type Closer = () => Promise<unknown> | unknown;

const FAILED = 1;

/**
 * Runs a composition root: `main` builds its parts, gives each one's end to `onClose`, and returns when it is up. SIGTERM
 * and SIGINT then close everything in reverse, once; a second signal ends the process at once. A fault at the start is
 * said in words on standard error: exit code 78 where the configuration is at fault, else 1.
 */
export async function runMain(main: (onClose: (closer: Closer) => void) => Promise<void>): Promise<void> {
  const closers: Closer[] = [];
  let closing = false;
  const close = async (code: number) => {
    if (closing) process.exit(code || FAILED);
    closing = true;
    for (const closer of closers.reverse()) {
      try {
        await closer();
      } catch (error) {
        process.stderr.write(`while closing: ${words(error)}\n`);
      }
    }
    process.exit(code);
  };
  process.on('SIGTERM', () => void close(0));
  process.on('SIGINT', () => void close(0));
  process.on('unhandledRejection', (error) => {
    process.stderr.write(
      `a failure that nothing handled: ${error instanceof Error ? redactUrl(error.stack ?? error.message) : String(error)}\n`,
    );
    void close(FAILED);
  });
  try {
    await main((closer) => closers.push(closer));
  } catch (error) {
    process.stderr.write(`${words(error)}\n`);
    await close(exitCodeOf(error));
  }
}

const words = (error: unknown): string => redactUrl(error instanceof Error ? error.message : String(error));

const CONFIGURATION = 78;

/** 78 for what an operator must set right, whatever package says it. */
export function exitCodeOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return FAILED;
  const { exitCode, kind } = error as { exitCode?: unknown; kind?: unknown };
  if (typeof exitCode === 'number') return exitCode;
  return kind === 'configuration' ? CONFIGURATION : FAILED;
}
