import { fieldsOf, MODELS } from './fieldTable.js';
import { startSimulator } from './startSimulator.js';

/**
 * What a page costs this process, in microseconds of its CPU a record: pages of 1,000 of the fields that the engine mirrors,
 * asked over HTTP from a child process so that only the server's side is counted.
 * `node dist/measurePages.js [records]`
 */
const records = Number(process.argv[2] ?? 100_000);
const PAGES = 100;

const rss = (): number => Math.round(process.memoryUsage.rss() / 1_048_576);
const before = rss();
const started = performance.now();
const simulator = await startSimulator({
  databases: [
    {
      name: 'measure',
      models: Object.fromEntries(
        MODELS.map((model) => [model, { count: model === 'res.partner' ? records : 20_000 }]),
      ),
    },
  ],
});
process.stdout.write(
  `${records} contacts made in ${Math.round(performance.now() - started)} ms; process ${before} -> ${rss()} MB\n`,
);

const { spawn } = await import('node:child_process');
const CLIENT = `
const http = require('node:http');
const [url, model, fields, pages] = JSON.parse(process.argv[1]);
const page = (after) => new Promise((resolve, reject) => {
  const request = http.request(url + '/jsonrpc', { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
    const chunks = []; response.on('data', (c) => chunks.push(c)); response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks)).result));
  });
  request.on('error', reject);
  request.end(JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params: { service: 'object', method: 'execute_kw', args: ['measure', 2, 'admin', model, 'search_read',
    [[['write_date', '>=', '2000-01-01 00:00:00'], ['write_date', '<', '2100-01-01 00:00:00'], ['id', '>', after]]], { fields, order: 'id asc', limit: 1000, context: { active_test: false } }] } }));
});
(async () => {
  let after = 0, rows = 0;
  for (let i = 0; i < pages; i += 1) { const got = await page(after); rows += got.length; after = got.length === 0 ? 0 : got.at(-1).id; }
  process.stdout.write(String(rows));
})();`;

for (const model of MODELS) {
  const skip = new Set(['pin', 'barcode', 'signup_token']);
  const fields = Object.keys(fieldsOf(19, model))
    .filter((name) => !skip.has(name))
    .slice(0, 46);
  const run = (pages: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        ['-e', CLIENT, JSON.stringify([simulator.url, model, fields, pages])],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.on('error', reject);
      child.on('exit', () => resolve(Number(text)));
    });
  await run(20);
  const cpu = process.cpuUsage();
  const rows = await run(PAGES);
  const { user, system } = process.cpuUsage(cpu);
  const bytes =
    simulator.db('measure').writer(model).page(simulator.db('measure').ids(model).slice(0, 1000), fields, 0)
      .length / 1000;
  process.stdout.write(
    `${model}: ${((user + system) / rows).toFixed(2)} µs CPU a record (${fields.length} fields, ${Math.round(bytes)} bytes, ${rows} records)\n`,
  );
}
await simulator.close();
