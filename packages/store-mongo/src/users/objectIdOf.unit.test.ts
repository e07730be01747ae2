import { expect, test } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { objectIdOf } from './objectIdOf.js';

const HEX = '65f0c0ffee65f0c0ffee65f0';

test.each([HEX, HEX.toUpperCase()])('%s is stored as an ObjectId', (text) => {
  expect(objectIdOf(text)).toEqual(new ObjectId(HEX));
});

test.each(['', 'twelve bytes', HEX.slice(1), `${HEX}0`, `${HEX.slice(1)}g`, ` ${HEX}`, `${HEX}\n`])(
  '%j is none',
  (text) => {
    expect(objectIdOf(text)).toBeNull();
  },
);
