import type { AppProcess } from './process.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly json: any;
}

/** Asks a process's monitor, at the address that its log names. */
export async function askMonitor(app: AppProcess, path: string): Promise<Answer> {
  const [ready] = app.logged('ready');
  const answer = await fetch(`${ready?.monitor}${path}`);
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return { status: answer.status, text, json: isJson ? JSON.parse(text) : null };
}

/** What a process's metrics show under a series: its value, or undefined when there is none. */
export async function metricOf(app: AppProcess, series: string): Promise<number | undefined> {
  const { status, text } = await askMonitor(app, '/metrics');
  if (status !== 200) throw new Error(`/metrics answered ${status}: ${text}`);
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
