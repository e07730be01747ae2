import { setImmediate as later } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createAloneGate } from './aloneGate.js';

/** Turns before a gate, and who is inside. */
function atTheGate() {
  const gate = createAloneGate();
  const inside: string[] = [];
  const leave = new Map<string, () => void>();
  return {
    inside,
    come(name: string, alone = false) {
      void gate.enter(alone).then((left) => {
        inside.push(name);
        leave.set(name, () => {
          inside.splice(inside.indexOf(name), 1);
          left();
        });
      });
    },
    go: (name: string) => leave.get(name)?.(),
    leave,
  };
}

describe('the gate for windows that killed their worker', () => {
  test('lets ordinary turns run together', async () => {
    const { come, inside } = atTheGate();
    come('a');
    come('b');
    come('c');
    await later();
    expect(inside).toEqual(['a', 'b', 'c']);
  });

  test('lets a dangerous turn in only when every other has left, and nobody beside it', async () => {
    const { come, go, inside } = atTheGate();
    come('a');
    come('b');
    come('alone', true);
    await later();
    expect(inside).toEqual(['a', 'b']);
    go('a');
    await later();
    expect(inside).toEqual(['b']);
    go('b');
    await later();
    expect(inside).toEqual(['alone']);
    come('c');
    come('d');
    await later();
    expect(inside).toEqual(['alone']);
    go('alone');
    await later();
    expect(inside).toEqual(['c', 'd']);
  });

  test('keeps turns that come later behind a dangerous one that waits, so that it is never starved', async () => {
    const { come, go, inside } = atTheGate();
    come('a');
    come('alone', true);
    come('b');
    await later();
    expect(inside).toEqual(['a']);
    go('a');
    await later();
    expect(inside).toEqual(['alone']);
    go('alone');
    await later();
    expect(inside).toEqual(['b']);
  });

  test('lets two dangerous turns in one after the other, and the ordinary one between them in its order', async () => {
    const { come, go, inside } = atTheGate();
    come('first', true);
    come('between');
    come('second', true);
    await later();
    expect(inside).toEqual(['first']);
    go('first');
    await later();
    expect(inside).toEqual(['between']);
    go('between');
    await later();
    expect(inside).toEqual(['second']);
  });

  test('counts a turn that leaves twice once, so that it opens the gate for nobody else', async () => {
    const gate = createAloneGate();
    const leaveFirst = await gate.enter(false);
    const leaveSecond = await gate.enter(false);
    leaveFirst();
    leaveFirst();
    let entered = false;
    const dangerous = gate.enter(true).then(() => {
      entered = true;
    });
    await later();
    expect(entered).toBe(false);
    leaveSecond();
    await dangerous;
    expect(entered).toBe(true);
  });
});
