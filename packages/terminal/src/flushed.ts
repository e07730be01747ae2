import type { Writable } from 'node:stream';

/** Resolves when a stream has handed on what was written so far: a pipe takes 64 KiB, and `process.exit` waits for no reader. */
export const flushed = (stream: Writable): Promise<void> =>
  new Promise((resolve) => {
    // A reader that has gone (`| head`) is no fault of the command.
    stream.write('', () => resolve());
  });
