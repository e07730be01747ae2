import type { TurnWorld } from './turnWorld.js';

interface Op {
  readonly op: string;
  readonly ns: string;
  readonly command: Readonly<Record<string, unknown>>;
}

/** What MongoDB is asked of the engine's collections meanwhile, and how often. */
export async function askedOf(
  db: TurnWorld['db'],
  work: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  await db.dropCollection('system.profile');
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  const counts: Record<string, number> = {};
  for await (const { op, ns, command } of db.collection('system.profile').find<Op>({})) {
    const [, collection = ''] = ns.split('.');
    if (!collection.startsWith('odoo')) continue;
    const name = `${op === 'command' ? Object.keys(command)[0] : op} ${collection}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
