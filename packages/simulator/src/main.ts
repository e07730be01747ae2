import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { databaseSpecSchema } from './databaseSpec.js';
import { editorSchema } from './editor.js';
import { startSimulator } from './startSimulator.js';

const CONFIGURATION_FAULT = 78;

const specSchema = z.strictObject({
  databases: z.array(databaseSpecSchema).optional(),
  keepAlive: z.boolean().optional(),
  version: z.number().int().min(14).max(20).optional(),
  clock: z.strictObject({ set: z.string().optional(), frozen: z.boolean().optional() }).optional(),
  editor: editorSchema.optional(),
});

/**
 * `--host` (or SIMULATOR_HOST; 127.0.0.1 unless told: whoever reaches it can change everything), `--port` (or SIMULATOR_PORT; any
 * free one unless told) and `--spec file.json` (or SIMULATOR_SPEC): what the process shall hold.
 */
function readOptions(): {
  readonly host: string;
  readonly port: number;
  readonly spec: z.output<typeof specSchema>;
} {
  const { values } = parseArgs({
    options: { host: { type: 'string' }, port: { type: 'string' }, spec: { type: 'string' } },
  });
  const host = values.host ?? process.env.SIMULATOR_HOST ?? '127.0.0.1';
  const file = values.spec ?? process.env.SIMULATOR_SPEC;
  const port = Number(values.port ?? process.env.SIMULATOR_PORT ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port: expected 0 to 65535, got "${values.port ?? process.env.SIMULATOR_PORT}"`);
  const spec = specSchema.parse(file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8')));
  return { host, port, spec };
}

async function main(): Promise<void> {
  const { host, port, spec } = readOptions();
  const simulator = await startSimulator({
    host,
    port,
    ...(spec.keepAlive === undefined ? {} : { keepAlive: spec.keepAlive }),
    ...(spec.version === undefined ? {} : { version: spec.version }),
  });
  if (spec.clock?.set !== undefined) simulator.clock.set(spec.clock.set);
  if (spec.clock?.frozen === true) simulator.clock.freeze();
  for (const database of spec.databases ?? [])
    simulator.addDatabase(database as Parameters<typeof simulator.addDatabase>[0]);
  if (spec.editor !== undefined)
    simulator.startEditor(spec.editor as Parameters<typeof simulator.startEditor>[0]);
  const stop = (): void => void simulator.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // A parent that waits for this line knows the port and that every database is there.
  process.stdout.write(
    `${JSON.stringify({ ready: true, url: simulator.url, databases: [...simulator.databases.keys()] })}\n`,
  );
}

main().catch((error: unknown) => {
  const message =
    error instanceof z.ZodError
      ? z.prettifyError(error)
      : error instanceof Error
        ? error.message
        : String(error);
  process.stderr.write(`simulator: ${message}\n`);
  process.exit(CONFIGURATION_FAULT);
});
