import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Ends of names that no public DNS gives to a stranger: a cluster's services, a container's way to its machine. */
const PRIVATE = /(?:^|\.)(?:localhost|internal|svc|svc\.cluster\.local)$/;
const LABEL = /^[a-z\d](?:[a-z\d_-]*[a-z\d])?$/;

/**
 * Whether a request's `Host` is an address, or a name that only this machine's own network can have made. A page of a stranger's reaches a
 * port of this machine by rebinding its own name, and then shows that name; probes ask by the pod's address, Prometheus by an address or a
 * container's name, KEDA by a service's.
 * @param listensAt `METRICS_HOST`, which may be a name.
 */
export function isOwnHost(host: string | undefined, listensAt: string): boolean {
  // No browser leaves it out.
  if (host === undefined || host === '') return true;
  const bare = host.toLowerCase().replace(/:\d*$/, '');
  if (bare.startsWith('[')) return bare.endsWith(']') && isIP(bare.slice(1, -1)) === 6;
  const name = bare.replace(/\.$/, '');
  if (isIP(name) === 4) return true;
  const isName = name.split('.').every((label) => LABEL.test(label));
  if (!isName) return false;
  return (
    !name.includes('.') ||
    PRIVATE.test(name) ||
    [hostname(), listensAt].some((own) => own.toLowerCase() === name)
  );
}
