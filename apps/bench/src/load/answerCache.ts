import { startProgram } from '../system/startProgram.js';

/** A process that remembers the pages of a simulator. */
export interface AnswerCache {
  readonly pid: number;
  readonly url: string;
  /** Pages that were not remembered yet when they were asked for. */
  made(): Promise<number>;
  end(): Promise<void>;
}

/** Starts one before a simulator. */
export async function startAnswerCache(simulatorUrl: string): Promise<AnswerCache> {
  const program = await startProgram('apps/bench/dist/load/answerCacheMain.js', {}, [simulatorUrl]);
  const url = String(program.ready.url);
  return {
    pid: program.pid,
    url,
    async made() {
      const counts = (await (await fetch(`${url}/_cache`)).json()) as { readonly made: number };
      return counts.made;
    },
    end: program.end,
  };
}
