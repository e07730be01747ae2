import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CpuProfile, selfTimes } from '../report/selfTimes.js';

const SHOWN = 25;

/** A folder for the profiles of one run. */
export const profileFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'odoo-sync-profile-'));

/** What makes Node leave a profile there at its end. */
export const profileArgs = (folder: string): readonly string[] => ['--cpu-prof', `--cpu-prof-dir=${folder}`];

/** Tells where the processes that left profiles in a folder spent their time, and removes it. */
export async function tellProfile(folder: string, say: (line: string) => void): Promise<void> {
  const profiles: CpuProfile[] = [];
  for (const file of await readdir(folder))
    profiles.push(JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile);
  tell(profiles, say);
  await rm(folder, { recursive: true, force: true });
}

/** Tells where this process spends its time during some work. */
export async function profileHere(work: () => Promise<unknown>, say: (line: string) => void): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  tell([profile as CpuProfile], say);
}

function tell(profiles: readonly CpuProfile[], say: (line: string) => void): void {
  const sums = new Map<string, number>();
  for (const profile of profiles)
    for (const { where, ms } of selfTimes(profile)) sums.set(where, (sums.get(where) ?? 0) + ms);
  const all = [...sums].sort(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, ms]) => sum + ms, 0);
  say(`profile: ${Math.round(total)} ms at work`);
  for (const [where, ms] of all.slice(0, SHOWN))
    say(
      `  ${((ms / total) * 100).toFixed(1).padStart(5)} %  ${String(Math.round(ms)).padStart(6)} ms  ${where}`,
    );
}
