import { setTimeout as pause } from 'node:timers/promises';
import type { ServerProcess } from './serverProcess.js';

const EVERY_MS = 50;
const LIMIT_MS = 30_000;

/** Asks a server until it is up. @throws with its last words when it ends before, or takes too long. */
export async function untilUp(
  name: string,
  server: ServerProcess,
  isUp: () => Promise<boolean>,
): Promise<void> {
  const began = performance.now();
  let answer = 'not yet';
  for (;;) {
    if (server.ended) throw new Error(`${name} ended at its start: ${await server.lastWords()}`);
    try {
      if (await isUp()) return;
    } catch (error) {
      answer = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() - began > LIMIT_MS)
      throw new Error(
        `${name} was not up after ${LIMIT_MS / 1_000} s (last answer: ${answer}): ${await server.lastWords()}`,
      );
    await pause(EVERY_MS);
  }
}

const TRIES = 4;

/** A start on a free port that another program may have taken meanwhile: tried again on another one. */
export async function onFreePort<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (tries >= TRIES || !/address already in use|EADDRINUSE/i.test(String(error))) throw error;
    }
  }
}
