import {
  allows,
  type Batch,
  type BatchEvent,
  type CommitResult,
  FencedOutError,
  jobIdOf,
  type MirrorStore,
  type PassCounts,
  type RecordStream,
  type SourceRecord,
  type WriteScope,
} from '@odoo-sync/core';
import type { Backend } from './memoryBackend.js';
import { NO_COUNTS } from './memoryMirror.js';

const sum = (a: PassCounts, b: PassCounts): PassCounts => ({
  read: a.read + b.read,
  inserted: a.inserted + b.inserted,
  updated: a.updated + b.updated,
  unchanged: a.unchanged + b.unchanged,
});

async function allOf(stream: RecordStream): Promise<readonly SourceRecord[]> {
  const all: SourceRecord[] = [];
  for await (const chunk of stream.chunks(0)) all.push(...chunk);
  return all;
}

/** The mirror's port, as an actor's turn has it. @param inParts its commits need several transactions. */
export function memoryCommitsPort(backend: Backend, inParts: boolean): MirrorStore {
  const { actors, actor, author, ledger, lanes, mirror } = backend;
  const underFence = (scope: WriteScope, id: string) => {
    if (!lanes.fenceHolds(scope.lane)) throw new FencedOutError(id, scope.lane.token);
  };
  return {
    writeEarly: () => ({ async add() {}, async drop() {} }),
    async commitBatch(scope, batch, { stream, pass }): Promise<CommitResult> {
      const records = await allOf(stream);
      const cut = inParts ? Math.ceil(records.length / 2) : 0;
      const parts = inParts ? [records.slice(0, cut), [], records.slice(cut)] : [records];
      let counts = NO_COUNTS;
      let from: Batch = batch;
      for (const [n, part] of parts.entries()) {
        await actors.stop(actor);
        // A window without a record needs no fence: whoever has taken the lane has counted a death in the batch, or will find it read.
        if (records.length > 0) underFence(scope, batch._id);
        const isLast = n === parts.length - 1;
        counts = sum(counts, mirror.countsOf(scope, part));
        const event: BatchEvent = isLast
          ? { type: 'commit', pass: { ...pass, counts } }
          : { type: 'commitPart' };
        if (!allows(from, event.type)) throw new FencedOutError(batch._id, scope.lane.token);
        // One transaction: what it refuses leaves no record.
        const next = ledger.batchEvent(author, from, event);
        if (!next) throw new FencedOutError(batch._id, scope.lane.token);
        mirror.put(scope, part);
        from = next;
      }
      return { counts, refused: [] };
    },
    async commitResync(scope, { resync, batchId }, { stream, pass }) {
      const records = await allOf(stream);
      await actors.stop(actor);
      underFence(scope, resync._id);
      if (!ledger.resyncEvent(author, resync, { type: 'windowDone' }))
        throw new FencedOutError(resync._id, scope.lane.token);
      const counts = mirror.put(scope, records);
      const batch = ledger.batches.get(batchId);
      if (!batch || !allows(batch, 'makeGood')) {
        // What the last pass of a sealed window could not read may have been read now.
        if (batch) ledger.batches.set(batchId, { ...batch, unreadable: pass.unreadable });
        return { counts, refused: [], madeGood: null };
      }
      const good = ledger.batchEvent(author, batch, { type: 'makeGood', pass: { ...pass, counts } });
      return { counts, refused: [], madeGood: good && jobIdOf(batch._id, batch.release) };
    },
    async commitTail(scope, stream) {
      const records = await allOf(stream);
      await actors.stop(actor);
      underFence(scope, scope.origin);
      return { counts: mirror.put(scope, records), refused: [] };
    },
    async differing(user, module, rows) {
      await actors.stop(actor);
      const mirrored = mirror.of(user, module);
      return rows.filter(
        ({ odooId, writeDate }) =>
          mirrored.get(odooId)?.writeDate.getTime() !== writeDate.getTime() || mirrored.get(odooId)?.deleted,
      );
    },
  };
}
