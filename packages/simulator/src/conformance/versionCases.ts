import { describe, expect, test } from '@jest/globals';
import type { Bench } from './workbench.js';

export function describeVersions(bench: Bench): void {
  describe('version and health', () => {
    test('GET /web/version tells the version without a login', async () => {
      const answer = await bench().client.http('/web/version');
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toEqual({ version_info: [19, 0, 0, 'final', 0, ''], version: '19.0' });
    });

    test('version_info and common.version agree', async () => {
      const expected = {
        server_version: '19.0',
        server_version_info: [19, 0, 0, 'final', 0, ''],
        server_serie: '19.0',
        protocol_version: 1,
      };
      const info = await bench().client.post('/web/webclient/version_info', { jsonrpc: '2.0', params: {} });
      expect(JSON.parse(info.text)).toEqual({ jsonrpc: '2.0', id: null, result: expected });
      expect((await bench().client.rpc('common', 'version', [])).result).toEqual(expected);
    });

    test('GET /web/health passes', async () => {
      const answer = await bench().client.http('/web/health');
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toEqual({ status: 'pass' });
      expect(answer.headers.get('content-type')).toBe('application/json');
    });

    test('GET /web/health?db_server_status=1 looks at the database server, whatever database is named', async () => {
      for (const headers of [{}, { 'X-Odoo-Database': 'no-such-db' }]) {
        const answer = await bench().client.http('/web/health?db_server_status=1', { headers });
        expect(answer.status).toBe(200);
        expect(answer.headers.get('content-type')).toBe('application/json');
        expect(answer.headers.get('cache-control')).toBe('no-store');
        expect(JSON.parse(answer.text)).toEqual({ status: 'pass', db_server_status: true });
      }
    });

    test('every answer has a Date of the clock that stamps write_date, and closes its connection', async () => {
      const id = await bench().contact();
      const answer = await bench().client.http('/web/version');
      const date = Date.parse(answer.headers.get('date') ?? '');
      const written = Date.parse(`${(await bench().readField<string>(id, 'write_date')).replace(' ', 'T')}Z`);
      expect(Math.abs(date - written)).toBeLessThan(15_000);
      expect(answer.headers.get('connection')).toBe('close');
    });
  });
}
