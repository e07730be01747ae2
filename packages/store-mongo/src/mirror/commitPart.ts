import {
  FencedOutError,
  type PassCounts,
  type RecordStream,
  type UnreadableRecord,
  type WriteScope,
} from '@odoo-sync/core';
import type { ClientSession } from 'mongodb';
import type { StoreContext } from '../context.js';
import { heldLane, passFence } from '../lanes/heldLane.js';
import { once } from '../session.js';
import { addCounts, type WriteCounts, writeRecords } from './writeRecords.js';

/** What belongs to a transaction of a commit beside its records. */
export interface PartSteps {
  /** When more transactions follow. */
  part(session: ClientSession): Promise<void>;
  /** When it has the last records. @param counts of the whole commit. */
  finish(session: ClientSession, counts: PassCounts): Promise<void>;
}

/** How far a commit has come. */
export interface Progress {
  /** The first chunk that isn't visible yet. */
  readonly chunk: number;
  readonly counts: WriteCounts;
}

interface Part {
  /** As many fit into one transaction. */
  readonly bytes: number;
  /** Records to leave out, by their ids. */
  readonly refused: ReadonlyMap<number, UnreadableRecord>;
}

/** One transaction of a commit, under the lane's fence: as many whole chunks as fit into `bytes`, at least one. */
export async function commitPart(
  context: StoreContext,
  scope: WriteScope,
  stream: RecordStream,
  steps: PartSteps,
  { bytes, refused, ...from }: Progress & Part,
): Promise<{ readonly progress: Progress; readonly ended: boolean }> {
  const lane = heldLane(scope.lane);
  const recordBytes = stream.records > 0 ? stream.bytes / stream.records : 0;
  return once(lane.session, async () => {
    await passFence(context, lane);
    let { chunk, counts } = from;
    let size = 0;
    let ended = true;
    for await (const records of stream.chunks(from.chunk)) {
      if (lane.lost.aborted) throw new FencedOutError(lane.fenceId, lane.token);
      size += records.length * recordBytes;
      if (size > bytes && chunk > from.chunk) {
        ended = false;
        break;
      }
      const some = refused.size > 0 ? records.filter(({ odooId }) => !refused.has(odooId)) : records;
      counts = addCounts(counts, await writeRecords(context, scope, some, lane.session));
      chunk++;
    }
    if (ended) await steps.finish(lane.session, counts);
    else await steps.part(lane.session);
    return { progress: { chunk, counts }, ended };
  });
}
