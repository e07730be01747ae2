import { SyncError } from '@odoo-sync/core';

/** Who listens, and the settings that say where. */
export interface Listener {
  /** `the API` */
  readonly what: string;
  readonly host: string;
  readonly port: number;
  /** Both settings begin with it: `API` for `API_HOST` and `API_PORT`. */
  readonly settings: string;
}

/** Why a server can't listen. Another program on the port may go by itself; a port or an address that isn't ours will not. */
export function listenFault({ what, host, port, settings }: Listener, cause: Error): Error {
  const { code } = cause as { readonly code?: unknown };
  const said = `${what} can't listen on ${host}:${port} (${cause.message})`;
  if (code === 'EADDRINUSE')
    return new Error(`${said}: end the program that does, or set ${settings}_PORT to a free port`, { cause });
  if (code === 'EACCES')
    return new SyncError('configuration', `${said}: set ${settings}_PORT to a port above 1023`, { cause });
  return new SyncError('configuration', `${said}: set ${settings}_HOST to an address that this machine has`, {
    cause,
  });
}
