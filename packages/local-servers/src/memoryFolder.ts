import { statfs } from 'node:fs/promises';

/** Linux's file system in memory. */
export const MEMORY = '/dev/shm';

// A container has 64 MB of it unless told, and a few servers of 1 GB may run at once.
const ROOM_BYTES = 4 * 1_073_741_824;

/** The folder in memory, where there is one with room for servers' data. */
export async function memoryFolder(): Promise<string | undefined> {
  const free = await statfs(MEMORY).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return free >= ROOM_BYTES ? MEMORY : undefined;
}
