import { readFile } from 'node:fs/promises';

/** A tick of utime and stime: Linux shows them in hundredths of a second on every machine. */
const TICK_MS = 10;

/** CPU time of a process so far, user and system, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The most memory that a process ever had resident, in MB (1,000,000 bytes). */
export async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`process ${pid} shows no VmHWM`);
  return (Number(kib) * 1_024) / 1_000_000;
}

/** Measures the CPU that named groups of processes use from now on. */
export async function startCpuMeter<K extends string>(
  groups: Readonly<Record<K, readonly number[]>>,
): Promise<() => Promise<Record<K, number>>> {
  const read = async () => {
    const entries = Object.entries<readonly number[]>(groups).map(async ([name, pids]) => {
      const times = await Promise.all(pids.map(cpuMs));
      return [name, times.reduce((sum, ms) => sum + ms, 0)] as const;
    });
    return Object.fromEntries(await Promise.all(entries)) as Record<K, number>;
  };
  const before = await read();
  return async () => {
    const after = await read();
    const names = Object.keys(after) as K[];
    return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as Record<K, number>;
  };
}
