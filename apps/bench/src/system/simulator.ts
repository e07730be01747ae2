import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseSpec, MODELS, type ModelName, SimulatorClient } from '@odoo-sync/simulator';
import { startProgram } from './startProgram.js';

/** A simulator in a process of its own. */
export interface SimulatorProcess {
  readonly pid: number;
  readonly url: string;
  readonly client: SimulatorClient;
  end(): Promise<void>;
}

/** Starts a simulator that holds these databases. */
export async function startSimulatorProcess(databases: readonly DatabaseSpec[]): Promise<SimulatorProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'odoo-sync-bench-'));
  const spec = join(folder, 'simulator.json');
  await writeFile(spec, JSON.stringify({ databases }));
  const program = await startProgram('packages/simulator/dist/main.js', {}, ['--spec', spec]).finally(() =>
    rm(folder, { recursive: true, force: true }),
  );
  const url = String(program.ready.url);
  return { pid: program.pid, url, client: new SimulatorClient(url), end: program.end };
}

/** Makes a database's login see one model alone, so that only that module has windows to be read. */
export async function showOnly(client: SimulatorClient, db: string, model: ModelName): Promise<void> {
  const unreadable = MODELS.filter((one) => one !== model);
  await client.call('changeUser', { db, login: 'admin', change: { unreadable } });
}
