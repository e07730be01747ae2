import { setImmediate as later } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createAloneGate } from './aloneGate.js';

const never = new AbortController().signal;

/** Turns before a gate, and who is inside. */
function atTheGate(waitMs?: number) {
  const gate = createAloneGate(waitMs);
  const inside: string[] = [];
  const sentAway: string[] = [];
  const leave = new Map<string, () => void>();
  return {
    inside,
    sentAway,
    come(name: string, alone = false, signal = never) {
      void gate.enter(alone, signal).then((left) => {
        if (!left) return void sentAway.push(name);
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
    const leaveFirst = await gate.enter(false, never);
    const leaveSecond = await gate.enter(false, never);
    leaveFirst?.();
    leaveFirst?.();
    let entered = false;
    const dangerous = gate.enter(true, never).then(() => {
      entered = true;
    });
    await later();
    expect(entered).toBe(false);
    leaveSecond?.();
    await dangerous;
    expect(entered).toBe(true);
  });

  test('sends a dangerous turn away that has waited long enough, and opens for the others again', async () => {
    const { come, go, inside, sentAway } = atTheGate(20);
    come('hours');
    come('alone', true);
    come('b');
    await later();
    expect(inside).toEqual(['hours']);
    await until(() => sentAway.includes('alone'));
    expect(inside).toEqual(['hours', 'b']);
    go('hours');
    go('b');
    come('alone', true);
    await later();
    expect(inside).toEqual(['alone']);
  });

  test('sends others away that have waited for its end long enough', async () => {
    const { come, go, inside, sentAway } = atTheGate(20);
    come('alone', true);
    come('a');
    come('b');
    await until(() => sentAway.length === 2);
    expect(inside).toEqual(['alone']);
    go('alone');
    come('a');
    await later();
    expect(inside).toEqual(['a']);
  });

  test('keeps nobody who is told to stop, and takes its place from nobody', async () => {
    const stop = new AbortController();
    const { come, go, inside, sentAway } = atTheGate();
    come('a');
    come('alone', true, stop.signal);
    come('b');
    await later();
    stop.abort();
    await later();
    expect(sentAway).toEqual(['alone']);
    expect(inside).toEqual(['a', 'b']);
    come('late', true, stop.signal);
    await later();
    expect(sentAway).toEqual(['alone', 'late']);
    go('a');
    go('b');
    expect(inside).toEqual([]);
  });
});

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 1));
}
