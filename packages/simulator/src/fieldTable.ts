import { readFileSync } from 'node:fs';

/** The four models that hold generated records. */
export const MODELS = ['res.partner', 'sale.order', 'account.move', 'hr.employee'] as const;
export type ModelName = (typeof MODELS)[number];

export function isModelName(name: string): name is ModelName {
  return (MODELS as readonly string[]).includes(name);
}

/** What fields_get of a real server said about a field (recorded, trimmed to the attributes that matter here). */
export interface FieldInfo {
  readonly type: string;
  readonly string: string;
  readonly store: boolean;
  readonly relation?: string;
  readonly groups?: string;
  readonly selection?: readonly (readonly [string, string])[];
  readonly company_dependent?: boolean;
  readonly [attribute: string]: unknown;
}

export type FieldTable = Readonly<Record<string, FieldInfo>>;
type VersionTable = Readonly<Record<ModelName, FieldTable>>;

const read = (file: string): VersionTable =>
  JSON.parse(readFileSync(new URL(`../data/${file}`, import.meta.url), 'utf8')) as VersionTable;

let tables: { readonly old: VersionTable; readonly current: VersionTable } | undefined;

/** The fields of a model in a server version; 14 and 19 are recorded, 15 and 16 use those of 14, 17, 18 and 20 those of 19. */
export function fieldsOf(version: number, model: ModelName): FieldTable {
  tables ??= { old: read('fields14.json'), current: read('fields19.json') };
  return (version < 17 ? tables.old : tables.current)[model];
}
