import { SyncError } from '@odoo-sync/core';

/** Why the API can't listen. Another program on the port may go by itself; a port or an address that isn't ours will not. */
export function listenFault(host: string, port: number, cause: Error): Error {
  const { code } = cause as { readonly code?: unknown };
  const what = `the API can't listen on ${host}:${port} (${cause.message})`;
  if (code === 'EADDRINUSE')
    return new Error(`${what}: end the program that does, or set API_PORT to a free port`, { cause });
  if (code === 'EACCES')
    return new SyncError('configuration', `${what}: set API_PORT to a port above 1023`, { cause });
  return new SyncError('configuration', `${what}: set API_HOST to an address that this machine has`, {
    cause,
  });
}
