import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeConformance } from './conformance/describeConformance.js';
import type { Simulator } from './simulator.js';
import { startSimulator } from './startSimulator.js';

let simulator: Simulator;

describe('the simulator', () => {
  beforeAll(async () => {
    simulator = await startSimulator({
      databases: [
        {
          name: 'conformance',
          users: [
            { login: 'admin', password: 'admin', apiKey: '0123456789abcdef0123456789abcdef01234567' },
            { login: 'limited', password: 'limited', groups: ['base.group_user'] },
          ],
          models: {
            'res.partner': { count: 3000 },
            'sale.order': { count: 300 },
            'account.move': { count: 400 },
            'hr.employee': { count: 60 },
          },
        },
      ],
    });
  });
  afterAll(async () => simulator.close());

  describeConformance('the simulator', async () => ({
    target: {
      url: simulator.url,
      db: 'conformance',
      login: 'admin',
      password: 'admin',
      apiKey: '0123456789abcdef0123456789abcdef01234567',
      limited: { login: 'limited', password: 'limited' },
    },
    release: async () => undefined,
  }));

  test('is left by the suite as it was', () => {
    expect(simulator.db('conformance').table('res.partner').count).toBe(3000);
  });
});
