import type { UserSpec } from './databaseSpec.js';
import type { ModelName } from './fieldTable.js';

/** Records of a model that a record rule hides from a user: what is outside [minId, maxId], or not every `nth`, or all. */
export interface RecordRule {
  readonly minId?: number;
  readonly maxId?: number;
  readonly nth?: number;
  readonly none?: boolean;
}

/** A login of one database. Mutable: passwords, keys and rights change while somebody syncs. */
export interface SimulatedUser {
  readonly uid: number;
  readonly login: string;
  password: string;
  apiKey: string | undefined;
  keyExpired: boolean;
  active: boolean;
  groups: readonly string[] | 'all';
  /** Models that this user may not read, besides what groups say. */
  unreadable: readonly string[];
  /** Fields that this user may not read, besides what groups say. */
  hiddenFields: Partial<Record<ModelName, readonly string[]>>;
  rules: Partial<Record<ModelName, RecordRule>>;
}

export type UserChange = Partial<Omit<SimulatedUser, 'uid' | 'login'>>;

export function makeUser(spec: UserSpec, uid: number): SimulatedUser {
  return {
    uid,
    login: spec.login,
    password: spec.password,
    apiKey: spec.apiKey,
    keyExpired: false,
    active: true,
    groups: spec.groups ?? 'all',
    unreadable: [],
    hiddenFields: {},
    rules: {},
  };
}

/** Who may read a model at all, by external ids of groups (19 with sale and account); models not named are for every internal user. */
const READERS: Partial<Record<ModelName, readonly string[]>> = {
  'sale.order': [
    'sales_team.group_sale_salesman',
    'account.group_account_invoice',
    'account.group_account_readonly',
  ],
  'account.move': [
    'sales_team.group_sale_salesman',
    'account.group_account_invoice',
    'account.group_account_readonly',
  ],
};
const WRITERS: Partial<Record<ModelName, readonly string[]>> = {
  'res.partner': ['base.group_partner_manager'],
  'sale.order': ['sales_team.group_sale_salesman'],
  'account.move': ['account.group_account_invoice'],
  'hr.employee': ['hr.group_hr_user'],
};

const inOneOf = (user: SimulatedUser, groups: readonly string[] | undefined): boolean =>
  groups === undefined || user.groups === 'all' || groups.some((group) => user.groups.includes(group));

/** The answer of check_access_rights and has_access for a model. */
export function mayAccess(user: SimulatedUser, model: ModelName, operation: string): boolean {
  if (operation === 'read') return !user.unreadable.includes(model) && inOneOf(user, READERS[model]);
  return mayAccess(user, model, 'read') && inOneOf(user, WRITERS[model]);
}

/** Whether a field (with its `groups` of fields_get) shows for a user; otherwise fields_get leaves it out and reading it fails. */
export function mayReadField(
  user: SimulatedUser,
  model: ModelName,
  field: string,
  groups: string | undefined,
): boolean {
  if (user.hiddenFields[model]?.includes(field) === true) return false;
  return inOneOf(user, groups?.split(','));
}

/** Whether a record rule lets this record show. */
export function seesRecord(rule: RecordRule, id: number): boolean {
  if (rule.none === true) return false;
  if (rule.minId !== undefined && id < rule.minId) return false;
  if (rule.maxId !== undefined && id > rule.maxId) return false;
  return rule.nth === undefined || id % rule.nth === 0;
}
