import { type FieldSpec, SyncError } from '@odoo-sync/core';

/** What can't be otherwise: an answer that says so is broken. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['id', 'integer'],
  ['write_date', 'datetime'],
]);
/** Odoo's own are such words of at most 21 letters. */
const TYPE = /^[a-z][a-z0-9_]{0,39}$/;

export interface OfferedField extends FieldSpec {
  readonly stored: boolean;
}

/**
 * Of some fields, those that an answer of `fields_get` offers, with a type that can be one. What else it holds is not looked at.
 * @throws SyncError `transient` where it is no such answer.
 */
export function offeredFields(
  model: string,
  value: unknown,
  wanted: readonly string[],
): readonly OfferedField[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw broken(model, 'expected an object');
  const told = value as Readonly<Record<string, unknown>>;
  return wanted.flatMap((name) => {
    if (!Object.hasOwn(told, name)) return [];
    const { type, store } = Object(told[name]) as Record<string, unknown>;
    const known = KNOWN.get(name);
    if (known && type !== known) throw broken(model, `expected ${name} to be ${known}`);
    return typeof type === 'string' && TYPE.test(type) ? [{ name, type, stored: store === true }] : [];
  });
}

const broken = (model: string, what: string): SyncError =>
  new SyncError('transient', `Odoo's answer to fields_get of ${model} is broken: ${what}`);
