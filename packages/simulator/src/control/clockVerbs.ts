import { z } from 'zod';
import { after, at, nothing, type Subject, verb } from './verb.js';

const state = ({ clock }: Subject): { readonly now: string; readonly frozen: boolean } => ({
  now: new Date(clock.now()).toISOString(),
  frozen: clock.frozen,
});

export const CLOCK_VERBS = {
  clock: verb(nothing, (sim) => state(sim)),
  'clock.set': verb(z.strictObject({ to: z.union([z.string(), z.number()]) }), (sim, { to }) =>
    after(sim.clock.set(to), state(sim)),
  ),
  'clock.advance': verb(z.strictObject({ ms: z.number() }), (sim, { ms }) =>
    after(sim.clock.advance(ms), state(sim)),
  ),
  'clock.freeze': verb(z.strictObject({ at }), (sim, input) => after(sim.clock.freeze(input.at), state(sim))),
  'clock.run': verb(nothing, (sim) => after(sim.clock.run(), state(sim))),
};
