import type { ModelName } from './fieldTable.js';
import type { Table, WrittenValues } from './table.js';

export interface WriteOptions {
  /** Field values, encoded by the field's type; without them the record's generated values change by one revision. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Writes the same values again: write_date moves, nothing else. */
  readonly sameValues?: boolean;
  /** Content changes and write_date doesn't, as after raw SQL or a write on a related table. */
  readonly silent?: boolean;
  readonly archived?: boolean;
}

export interface CreateOptions {
  /** With values, the record is as the API makes it: empty where nothing was given. Without, it is generated. */
  readonly values?: Readonly<Record<string, unknown>>;
}

type Operation =
  | {
      readonly kind: 'create';
      readonly table: Table;
      readonly id: number;
      readonly values: WrittenValues | undefined;
      readonly archived: boolean;
    }
  | {
      readonly kind: 'write';
      readonly table: Table;
      readonly id: number;
      readonly values: WrittenValues | undefined;
      readonly options: WriteOptions;
    }
  | { readonly kind: 'unlink'; readonly table: Table; readonly id: number };

/** Where a transaction finds tables and encodes values. */
export interface TransactionHome {
  table(model: ModelName): Table;
  encode(model: ModelName, values: Readonly<Record<string, unknown>>, id: number | undefined): WrittenValues;
}

/**
 * A writing transaction. Open from `begin` until `commit` or `rollback`; nothing of it can be read while it is open. Every record
 * it wrote gets the moment of its begin as write_date, however late the commit comes; ids are taken when they are asked for.
 */
export class SimulatedTransaction {
  readonly startedAt: number;
  readonly #home: TransactionHome;
  readonly #operations: Operation[] = [];
  #open = true;

  /** `startedAt` is in microseconds since 1970. */
  constructor(home: TransactionHome, startedAt: number) {
    this.#home = home;
    this.startedAt = startedAt;
  }

  create(model: ModelName, count: number, options: CreateOptions = {}): number[] {
    this.#mustBeOpen();
    const table = this.#home.table(model);
    const values =
      options.values === undefined ? undefined : this.#home.encode(model, options.values, undefined);
    const archived = options.values?.active === false;
    return Array.from({ length: count }, () => {
      const id = table.takeId();
      this.#operations.push({ kind: 'create', table, id, values, archived });
      return id;
    });
  }

  write(model: ModelName, ids: readonly number[], options: WriteOptions = {}): void {
    this.#mustBeOpen();
    const table = this.#home.table(model);
    for (const id of ids) {
      const values = options.values === undefined ? undefined : this.#home.encode(model, options.values, id);
      this.#operations.push({ kind: 'write', table, id, values, options });
    }
  }

  archive(model: ModelName, ids: readonly number[], archived = true): void {
    this.write(model, ids, { archived, sameValues: true });
  }

  unlink(model: ModelName, ids: readonly number[]): void {
    this.#mustBeOpen();
    const table = this.#home.table(model);
    for (const id of ids) this.#operations.push({ kind: 'unlink', table, id });
  }

  /** Makes all of it visible at once. Records that are gone by then are passed over. */
  commit(): void {
    this.#mustBeOpen();
    this.#open = false;
    for (const operation of this.#operations) {
      if (operation.kind === 'create') {
        const { table, id, values, archived } = operation;
        table.insert(id, { written: this.startedAt, archived, blank: values !== undefined });
        if (values !== undefined) table.update(id, { values: linkToSelf(table.model, id, values) });
      } else if (operation.kind === 'write') {
        const { values, options } = operation;
        operation.table.update(operation.id, {
          written: options.silent === true ? undefined : this.startedAt,
          revise: values === undefined && options.sameValues !== true,
          ...(options.archived === undefined ? {} : { archived: options.archived }),
          ...(values === undefined ? {} : { values }),
        });
      } else {
        operation.table.remove(operation.id);
      }
    }
  }

  rollback(): void {
    this.#mustBeOpen();
    this.#open = false;
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new Error('This transaction has ended; begin another one');
  }
}

/** A contact without a parent is its own commercial partner, which takes the id that it got only now. */
function linkToSelf(model: ModelName, id: number, values: WrittenValues): WrittenValues {
  const name = values.get('name');
  if (model !== 'res.partner' || name === undefined || values.has('commercial_partner_id')) return values;
  return new Map([...values, ['commercial_partner_id', `[${id}, ${name}]`]]);
}
