import { spawn } from 'node:child_process';

/**
 * Watches over a process for the case that this process is killed: a shell waits for a line on its standard input; where
 * that ends without one, the owner is gone, and the process follows, and its folder, if it has one. @returns the function that calls the guard off.
 */
export function guard(pid: number, folder = ''): () => void {
  const script = 'read -r line || { kill -KILL "$1" 2>/dev/null; [ -z "$2" ] || rm -rf "$2"; }';
  const child = spawn('/bin/sh', ['-c', script, 'guard', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return () => {
    child.stdin.end('done\n');
  };
}
