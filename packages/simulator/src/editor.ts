import { z } from 'zod';
import type { SimulatedDatabase } from './database.js';
import { MODELS, type ModelName } from './fieldTable.js';
import { hashText, randomSource } from './random.js';

export const editorSchema = z.strictObject({
  perSecond: z.number().positive().max(5000),
  /** All databases unless named. */
  databases: z.array(z.string()).optional(),
  models: z.array(z.enum(MODELS)).optional(),
  /** Shares of each kind of edit; writes 90, creates 6, archives 2, unlinks 2 unless told. */
  mix: z
    .strictObject({
      write: z.number().min(0),
      create: z.number().min(0),
      archive: z.number().min(0),
      unlink: z.number().min(0),
    })
    .optional(),
  seed: z.number().int().optional(),
});

export type EditorOptions = z.input<typeof editorSchema>;
type Kind = 'write' | 'create' | 'archive' | 'unlink';

export interface EditorState {
  readonly running: boolean;
  readonly edits: Readonly<Record<Kind, number>>;
}

/** Keeps editing records at random, as a company's people do, until stopped. Choices repeat for the same seed; their moments are the clock's. */
export class Editor {
  readonly #options: EditorOptions;
  readonly #databases: () => readonly SimulatedDatabase[];
  readonly #random: () => number;
  readonly #edits: Record<Kind, number> = { write: 0, create: 0, archive: 0, unlink: 0 };
  #timer: NodeJS.Timeout | undefined;
  #owed = 0;

  constructor(options: EditorOptions, databases: () => readonly SimulatedDatabase[]) {
    this.#options = options;
    this.#databases = databases;
    this.#random = randomSource(hashText(`editor ${options.seed ?? 1}`));
    this.resume();
  }

  get state(): EditorState {
    return { running: this.#timer !== undefined, edits: { ...this.#edits } };
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  resume(): void {
    if (this.#timer !== undefined) return;
    const every = Math.max(20, 1000 / this.#options.perSecond);
    this.#timer = setInterval(() => {
      this.#owed += (this.#options.perSecond * every) / 1000;
      for (; this.#owed >= 1; this.#owed -= 1) this.editOnce();
    }, every).unref();
  }

  /** One edit now. */
  editOnce(): void {
    const {
      databases: names,
      models = MODELS,
      mix = { write: 90, create: 6, archive: 2, unlink: 2 },
    } = this.#options;
    const databases = this.#databases().filter(({ name }) => names?.includes(name) ?? true);
    const database = this.#pick(databases);
    const model =
      database === undefined
        ? undefined
        : this.#pick(models.filter((candidate) => database.table(candidate).count > 0));
    if (database === undefined || model === undefined) return;
    let point = this.#random() * (mix.write + mix.create + mix.archive + mix.unlink);
    const kind = (Object.keys(this.#edits) as Kind[]).find((candidate) => {
      point -= mix[candidate];
      return point < 0;
    });
    if (kind === undefined) return;
    this.#edits[kind] += 1;
    if (kind === 'create') {
      database.create(model, 1);
      return;
    }
    const id = this.#anyId(database, model);
    if (kind === 'write') database.write(model, [id]);
    else if (kind === 'archive')
      database.archive(model, [id], { archived: !database.table(model).archived(id) });
    else database.unlink(model, [id]);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }

  #anyId(database: SimulatedDatabase, model: ModelName): number {
    const table = database.table(model);
    let id = 1 + Math.floor(this.#random() * (table.nextId - 1));
    while (!table.exists(id)) id = id + 1 < table.nextId ? id + 1 : 1;
    return id;
  }
}
