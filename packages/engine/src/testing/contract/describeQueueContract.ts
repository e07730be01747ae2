import { afterEach, describe, expect, test } from '@jest/globals';
import { type JobQueue, jobIdOf, type TurnJob } from '@odoo-sync/core';

/** A queue under the contract, and a worker's part in it. */
export interface ContractedQueue {
  readonly jobQueue: JobQueue;
  /** A worker takes a job that waits. @returns its id; null where none does. */
  take(): Promise<string | null>;
  /** The job that it took ends; `failed` uses an attempt. */
  end(jobId: string, how: 'completed' | 'failed'): Promise<void>;
  /** So many milliseconds go by, or some more. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** @param backoffMs the base of the pauses between attempts. */
export type OpenQueue = (backoffMs: number) => Promise<ContractedQueue>;

const JOB: TurnJob = {
  ...{ kind: 'backfill', userKey: 'acme', life: 'first' },
  ...{ turnId: 'acme.contacts.2026-11-22', release: 1, module: 'contacts' },
  windowStart: '2026-11-22T00:00:00.000Z',
  windowEnd: '2026-11-23T00:00:00.000Z',
  ...{ attempts: 1, delayMs: 0 },
};
const ID = jobIdOf(JOB.turnId, JOB.release);
const LONG_MS = 600_000;
const STATES = ['waiting', 'delayed', 'active', 'completed', 'failed'] as const;

/** What every queue must do that carries turns. */
export function describeQueueContract(name: string, open: OpenQueue): void {
  describe(`the contract of the queue: ${name}`, () => {
    const opened: ContractedQueue[] = [];
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    });
    const begin = async () => {
      const contracted = await open(20);
      opened.push(contracted);
      return contracted;
    };
    /** A queue whose job is in a state. */
    const withJob = async (state: (typeof STATES)[number]) => {
      const contracted = await begin();
      const { jobQueue, take, end } = contracted;
      await jobQueue.add({ ...JOB, delayMs: state === 'delayed' ? LONG_MS : 0 });
      if (state !== 'waiting' && state !== 'delayed') expect(await take()).toBe(ID);
      if (state === 'completed' || state === 'failed') await end(ID, state);
      expect(await jobQueue.state(ID)).toBe(state);
      return contracted;
    };

    test('a job that is put waits, and is taken once', async () => {
      const { jobQueue, take } = await begin();
      expect(await jobQueue.state(ID)).toBe('absent');
      await jobQueue.add(JOB);
      expect(await jobQueue.state(ID)).toBe('waiting');
      expect(await take()).toBe(ID);
      expect(await take()).toBeNull();
    });

    test.each(STATES)('an add under the id of a job that is %s changes nothing', async (state) => {
      const { jobQueue, take } = await withJob(state);
      await jobQueue.add({ ...JOB, kind: 'seal', attempts: 3 });
      expect(await jobQueue.state(ID)).toBe(state);
      expect(await take()).toBe(state === 'waiting' ? ID : null);
      expect(await take()).toBeNull();
    });

    test('another release of a turn is another job', async () => {
      const { jobQueue, take } = await withJob('failed');
      await jobQueue.add({ ...JOB, release: 2 });
      expect(await take()).toBe(jobIdOf(JOB.turnId, 2));
      expect(await jobQueue.state(ID)).toBe('failed');
    });

    test('a job does not run before its delay is over', async () => {
      const { jobQueue, take, pass } = await begin();
      await jobQueue.add({ ...JOB, delayMs: 300 });
      expect(await jobQueue.state(ID)).toBe('delayed');
      expect(await take()).toBeNull();
      await pass(350);
      expect(await take()).toBe(ID);
    });

    test('a job is tried as often as it says, with a pause between', async () => {
      const { jobQueue, take, end, pass } = await begin();
      await jobQueue.add({ ...JOB, attempts: 3 });
      for (const state of ['delayed', 'delayed', 'failed']) {
        expect(await take()).toBe(ID);
        await end(ID, 'failed');
        expect(await jobQueue.state(ID)).toBe(state);
        await pass(100);
      }
      expect(await take()).toBeNull();
    });

    test('a delayed job that is woken runs now, once', async () => {
      const { jobQueue, take } = await withJob('delayed');
      await Promise.all([jobQueue.wake(ID), jobQueue.wake(ID)]);
      expect(await jobQueue.state(ID)).toBe('waiting');
      expect(await take()).toBe(ID);
      expect(await take()).toBeNull();
    });

    test.each(['waiting', 'active', 'completed', 'failed'] as const)(
      'nothing happens to a job that is %s when it is woken',
      async (state) => {
        const { jobQueue } = await withJob(state);
        await jobQueue.wake(ID);
        expect(await jobQueue.state(ID)).toBe(state);
      },
    );

    test.each(['waiting', 'delayed', 'completed', 'failed'] as const)(
      'a job that is %s can be removed, and put again',
      async (state) => {
        const { jobQueue, take } = await withJob(state);
        await jobQueue.remove(ID);
        expect(await jobQueue.state(ID)).toBe('absent');
        await jobQueue.add(JOB);
        expect(await take()).toBe(ID);
      },
    );

    test('a running job is not removed', async () => {
      const { jobQueue, end } = await withJob('active');
      await jobQueue.remove(ID);
      expect(await jobQueue.state(ID)).toBe('active');
      await end(ID, 'completed');
      expect(await jobQueue.state(ID)).toBe('completed');
    });

    test('nothing happens to a job that is not there', async () => {
      const { jobQueue } = await begin();
      await jobQueue.wake(ID);
      await jobQueue.remove(ID);
      expect(await jobQueue.state(ID)).toBe('absent');
    });
  });
}
