import { z } from 'zod';
import { type EditorState, editorSchema } from '../editor.js';
import { faultSchema } from '../faults.js';
import { after, clean, nothing, type Subject, verb } from './verb.js';

const editorState = (simulator: Subject): { readonly editor: EditorState | null } => ({
  editor: simulator.editor?.state ?? null,
});

export const PROCESS_VERBS = {
  faults: verb(nothing, (sim) => ({ faults: sim.faults.list() })),
  'faults.add': verb(faultSchema, (sim, fault) => ({
    id: sim.faults.add(clean(fault) as Parameters<typeof sim.faults.add>[0]),
  })),
  'faults.clear': verb(z.strictObject({ id: z.number().optional() }), (sim, { id }) =>
    after(sim.faults.clear(id), {}),
  ),
  log: verb(z.strictObject({ after: z.number().optional() }), (sim, input) => ({
    totals: sim.log.totals,
    requests: sim.log.since(input.after),
  })),
  editor: verb(nothing, editorState),
  'editor.start': verb(editorSchema, (sim, options) =>
    after(sim.startEditor(clean(options) as Parameters<typeof sim.startEditor>[0]), editorState(sim)),
  ),
  'editor.pause': verb(nothing, (sim) => after(sim.editor?.pause(), editorState(sim))),
  'editor.resume': verb(nothing, (sim) => after(sim.editor?.resume(), editorState(sim))),
  'editor.stop': verb(nothing, (sim) => after(sim.stopEditor(), {})),
};
