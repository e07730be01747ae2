import { describe, expect, test } from '@jest/globals';
import type { Begin } from './contracted.js';
import { stateOf, take, there, turnOf } from './fixtures.js';

/** What is read of a module, as a description that left out some of the wanted fields told it. */
export const schemaWith = (...names: readonly string[]) => ({
  fields: { fields: names.map((name) => ({ name, type: 'char' })), dropped: ['fax'], version: names.join() },
  retired: ['street3'],
});

/** What is read of a module stands apart from the sync state, which says which one it is. */
export function describeSchemas(begin: Begin): void {
  describe('the schema of a module', () => {
    test('is none until it is noted, and then as it was noted last', async () => {
      const { store, user } = await begin();
      expect(await store.schema(user, 'contacts')).toBeNull();
      expect((await stateOf(store, user)).modules.contacts.schema).toBeNull();
      const lane = await take(store, turnOf(user), 'contacts');
      await store.noteSchema(lane, schemaWith('id'), { dropped: ['fax'], wanted: 'these' });
      const first = await stateOf(store, user);
      expect(first.modules.contacts).toMatchObject({ dropped: ['fax'], wanted: 'these' });
      const version = there(first.modules.contacts.schema);
      expect(await store.schema(user, 'contacts', version)).toEqual(schemaWith('id'));
      await store.noteSchema(lane, schemaWith('id', 'name'), {});
      const { schema: next } = (await stateOf(store, user)).modules.contacts;
      expect(next).not.toBe(version);
      expect(await store.schema(user, 'contacts', next)).toEqual(schemaWith('id', 'name'));
      expect(await store.schema(user, 'contacts')).toEqual(schemaWith('id', 'name'));
      expect(await store.schema(user, 'invoices')).toBeNull();
    });

    test('has another version where only what is retired, or dropped, differs', async () => {
      const { store, user } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      const schema = schemaWith('id');
      const { fields } = schema;
      const versions = new Set<unknown>();
      for (const one of [
        schema,
        { fields, retired: [] },
        { ...schema, fields: { ...fields, dropped: [] } },
        schema,
      ]) {
        await store.noteSchema(lane, one, {});
        versions.add((await stateOf(store, user)).modules.contacts.schema);
        expect(await store.schema(user, 'contacts')).toEqual(one);
      }
      expect(versions.size).toBe(3);
    });

    test('raises the revision only where its module becomes another state', async () => {
      const { store, user } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      const { rev } = await stateOf(store, user);
      await store.noteSchema(lane, schemaWith('id'), {});
      expect((await stateOf(store, user)).rev).toBe(rev);
      await store.noteSchema(lane, schemaWith('id'), { state: 'active' });
      expect((await stateOf(store, user)).rev).toBe(rev + 1);
    });

    test('ends with the life that it is of', async () => {
      const { store, user, endLife, addUser } = await begin();
      const lane = await take(store, turnOf(user), 'contacts');
      await store.noteSchema(lane, schemaWith('id'), {});
      const { schema: version } = (await stateOf(store, user)).modules.contacts;
      await endLife(user);
      expect(await store.schema(user, 'contacts')).toBeNull();
      const second = await addUser('acme');
      expect(await store.schema(second, 'contacts')).toBeNull();
      expect(await store.schema(second, 'contacts', version)).toBeNull();
      expect((await stateOf(store, second)).modules.contacts.schema).toBeNull();
    });
  });
}
