import { type Moment, millisecondsOf } from './clock.js';
import type { ModelSpec } from './databaseSpec.js';
import type { ModelName } from './fieldTable.js';
import { draw, mix } from './random.js';
import { Table } from './table.js';

const DAY = 86_400;
/** Every so many-th id was used up by something that no longer is, as sequences are. */
const GAP = 97;

/** Fills a table as its spec says, always the same way for the same seed. `now` is used where the spec gives no end. */
export function seedTable(model: ModelName, spec: ModelSpec, seed: number, now: Moment): Table {
  const table = new Table(model);
  table.reserve(Math.ceil(spec.count * (1 + 1 / (GAP - 1))) + 64);
  const until = Math.floor(millisecondsOf(spec.until ?? now) / 1000);
  const days = Math.max(1, Math.floor(spec.days ?? 90));
  const activeDays = activeDayOffsets(
    days,
    Math.min(days, spec.activeDays ?? Math.max(1, Math.ceil(days / 8))),
    seed,
  );
  const bursts = (spec.bursts ?? []).map((burst) => ({
    at: millisecondsOf(burst.at) * 1000 + (seed % 999_999),
    count: burst.count,
  }));
  const burstTotal = bursts.reduce((sum, burst) => sum + burst.count, 0);
  const hasActive = model === 'res.partner' || model === 'hr.employee';
  const archivedBelow = Math.round((hasActive ? (spec.archived ?? 0.05) : 0) * 10_000);
  let burst = 0;
  let left = bursts[0]?.count ?? 0;
  for (let made = 0; made < spec.count; made += 1) {
    if (table.nextId % GAP === 0) table.skipId();
    const id = table.takeId();
    const number = mix(seed + Math.imul(id, 0x9e3779b1));
    let written: number;
    if (made >= spec.count - burstTotal && burst < bursts.length) {
      written = bursts[burst]!.at;
      left -= 1;
      if (left === 0) {
        burst += 1;
        left = bursts[burst]?.count ?? 0;
      }
    } else {
      written = writtenAt(number, until, activeDays);
    }
    const age = draw(number, 9) % (30 * DAY);
    table.insert(id, {
      written,
      created: Math.floor(written / 1_000_000) - age,
      archived: draw(number, 5) % 10_000 < archivedBelow,
    });
  }
  return table;
}

/** Which days before the end have writes: offsets in whole days, 0 being the last. */
function activeDayOffsets(days: number, count: number, seed: number): readonly number[] {
  const offsets = Array.from({ length: days }, (_, day) => day);
  return offsets.sort((a, b) => mix(seed + a) - mix(seed + b)).slice(0, count);
}

function writtenAt(number: number, until: number, activeDays: readonly number[]): number {
  const day = Math.floor(until / DAY) - activeDays[draw(number, 1) % activeDays.length]!;
  const second = day * DAY + 7 * 3600 + (draw(number, 2) % (12 * 3600));
  return Math.min(second, until - 1) * 1_000_000 + (draw(number, 3) % 1_000_000);
}
