/**
 * Whether an Odoo is asked without the proxy. A name stands for that host; with a dot (or `*.`) before it for every host below
 * too; with a port for that port alone; `*` for all.
 */
export function isDirect(odooUrl: string, except: readonly string[]): boolean {
  const { hostname, port, protocol } = new URL(odooUrl);
  const at = port || (protocol === 'https:' ? '443' : '80');
  return except.some((entry) => {
    if (entry === '*') return true;
    const [, name = '', ofPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase().replace(/^\*/, '')) ?? [];
    if (ofPort !== undefined && ofPort !== at) return false;
    return name.startsWith('.') ? `.${hostname}`.endsWith(name) : hostname === name;
  });
}
