import { createInterface } from 'node:readline';
import { SyncError } from '@odoo-sync/core';

/**
 * Asks on the terminal without showing what is typed.
 * @throws SyncError `invalid` when Ctrl-C or the end of the input came instead of a line.
 */
export function askHidden(question: string, note: (text: string) => void): Promise<string> {
  note(question);
  return new Promise((resolve, reject) => {
    const reader = createInterface({ input: process.stdin, output: undefined, terminal: true });
    reader.once('line', (line) => {
      resolve(line);
      reader.close();
    });
    reader.once('SIGINT', () => reader.close());
    reader.once('close', () => reject(new SyncError('invalid', 'nothing was typed: nothing was done')));
  });
}
