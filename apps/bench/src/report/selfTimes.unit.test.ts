import { expect, test } from '@jest/globals';
import { selfTimes } from './selfTimes.js';

test('self times are summed over the places of a function, and waiting is left out', () => {
  const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });
  const times = selfTimes({
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('decode', 'file:///r/packages/odoo/dist/decode.js', 9) },
      { id: 3, callFrame: frame('decode', 'file:///r/packages/odoo/dist/decode.js', 9) },
      {
        id: 4,
        callFrame: frame('', 'file:///r/node_modules/.pnpm/bson@7/node_modules/bson/lib/bson.mjs', 0),
      },
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [9_000, 1_000, 2_000, 500],
  });
  expect(times).toEqual([
    { where: 'decode packages/odoo/dist/decode.js:10', ms: 3 },
    { where: '(anonymous) bson/lib/bson.mjs:1', ms: 0.5 },
  ]);
});
