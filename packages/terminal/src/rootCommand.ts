import { Command } from 'commander';
import type { ProgramContext } from './programContext.js';

/** A program's root command: it throws instead of ending the process, and says everything through the context. */
export const rootCommand = (name: string, { write, note }: Pick<ProgramContext, 'write' | 'note'>): Command =>
  new Command(name)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => write(text.trimEnd()),
      writeErr: (text) => note(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows the commands and options)');
