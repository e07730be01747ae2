import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import type { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { Door } from './door.js';

/** Asks for all addresses of a name, as `dns.lookup` does. */
export type Resolve = (
  host: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Has every socket of an agent pass a door. The addresses that are judged are those that are connected to: what a name
 * meant a moment ago, or means to another asker, opens nothing.
 */
export function guarded<A extends Agent>(agent: A, door: Door, resolve: Resolve = systemLookup): A {
  const connect = agent.createConnection.bind(agent);
  const lookup = lookupThrough(door, resolve);
  agent.createConnection = (options, callback) => {
    // An address is connected to without a lookup.
    const refused = door.refusalOf(options.host ?? 'localhost');
    if (!refused) return connect({ ...options, lookup }, callback);
    callback?.(refused, undefined as never);
    return undefined;
  };
  return agent;
}

/** @returns a `lookup` for sockets that finds only what the door lets through. */
function lookupThrough(door: Door, resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      let open: readonly LookupAddress[];
      try {
        open = door.among(host, found);
      } catch (refused) {
        return callback(refused as Error, []);
      }
      const [first] = open;
      if (options.all) callback(null, [...open]);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}
