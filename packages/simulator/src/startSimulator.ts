import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SimulatedClock } from './clock.js';
import { makeControl } from './control/control.js';
import { SimulatedDatabase } from './database.js';
import { type DatabaseSpec, databaseSpecSchema } from './databaseSpec.js';
import { Editor, editorSchema } from './editor.js';
import { FaultPlan } from './faults.js';
import { makeServer } from './http/serve.js';
import { RequestLog } from './requestLog.js';
import type { Simulator } from './simulator.js';

export interface SimulatorOptions {
  /** Where it listens; 127.0.0.1 unless told. */
  readonly host?: string;
  /** Its port; any free one unless told. */
  readonly port?: number;
  readonly databases?: readonly DatabaseSpec[];
  /** Odoo closes every connection after its answer, and so does this unless told. */
  readonly keepAlive?: boolean;
  /** What a request without a known database is told as version; that of the first database unless told, else 19. */
  readonly version?: number;
  /** How many requests the log keeps; 10,000 unless told. */
  readonly logSize?: number;
}

interface Listener {
  readonly version: number | undefined;
  server: Server | undefined;
  port: number;
}

/** Starts a simulator in this process; resolves when it answers. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = new SimulatedClock();
  const databases = new Map<string, SimulatedDatabase>();
  const faults = new FaultPlan();
  const log = new RequestLog(options.logSize);
  const listeners: Listener[] = [];
  let editor: Editor | undefined;

  const open = async (listener: Listener): Promise<void> => {
    const version = (): number => listener.version ?? databases.values().next().value?.version ?? 19;
    const server = makeServer({
      world: { clock, databases, faults, version },
      log,
      keepAlive: options.keepAlive ?? false,
      control,
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listener.port, options.host ?? '127.0.0.1', resolve);
    });
    listener.server = server;
    listener.port = (server.address() as AddressInfo).port;
  };
  const shut = async (listener: Listener): Promise<void> => {
    const { server } = listener;
    if (server === undefined) return;
    listener.server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  const listen = async (version: number | undefined, port: number): Promise<string> => {
    const listener: Listener = { version, server: undefined, port };
    await open(listener);
    listeners.push(listener);
    return `http://127.0.0.1:${listener.port}`;
  };

  const simulator: Omit<Simulator, 'url'> = {
    clock,
    databases,
    faults,
    log,
    get editor() {
      return editor;
    },
    addDatabase(spec) {
      databaseSpecSchema.parse(spec);
      if (databases.has(spec.name)) throw new Error(`There is a database "${spec.name}" already`);
      const database = new SimulatedDatabase(spec, clock);
      databases.set(spec.name, database);
      return database;
    },
    removeDatabase(name) {
      databases.delete(name);
    },
    db(name) {
      const database = databases.get(name);
      if (database === undefined)
        throw new Error(`No database "${name}"; there are: ${[...databases.keys()].join(', ') || 'none'}`);
      return database;
    },
    listenAs: (version, port = 0) => listen(version, port),
    down: async () => {
      await Promise.all(listeners.map(shut));
    },
    up: async () => {
      await Promise.all(listeners.filter(({ server }) => server === undefined).map(open));
    },
    startEditor(editorOptions) {
      editor?.pause();
      editor = new Editor(editorSchema.parse(editorOptions), () => [...databases.values()]);
      return editor;
    },
    stopEditor() {
      editor?.pause();
      editor = undefined;
    },
    async close() {
      editor?.pause();
      await Promise.all(listeners.map(shut));
    },
  };
  const control = makeControl(simulator);
  for (const spec of options.databases ?? []) simulator.addDatabase(spec);
  const url = await listen(options.version, options.port ?? 0);
  return Object.defineProperty(simulator as Simulator, 'url', { value: url, enumerable: true });
}
