import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The system calls that change a disk, and those that make it last. */
export const DISK_CALLS = [
  'rename',
  'link',
  'symlink',
  'unlink',
  'mkdir',
  'rmdir',
  'chmod',
  'fchmod',
  'fsync',
] as const;
export type DiskCall = (typeof DISK_CALLS)[number];

/** What is to happen to the `nth` call of that name on the main thread. */
export interface Fault {
  readonly call: DiskCall;
  readonly nth: number;
  /** `kill` ends the process as kill -9 does; anything else is an error that the call fails with. */
  readonly what: 'kill' | 'ENOSPC' | 'EIO' | 'EACCES' | 'EPERM' | 'EXDEV';
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Null if a signal ended it. */
  readonly code: number | null;
}

/** Runs node on a script, with a fault if one is given, and waits for its end. */
export function runNode(script: string, args: readonly string[], fault?: Fault): Promise<Ended> {
  const node = [process.execPath, script, ...args];
  if (fault === undefined) return run(node);
  const effect = fault.what === 'kill' ? 'signal=SIGKILL' : `error=${fault.what}`;
  const inject = `inject=${fault.call}:${effect}:when=${fault.nth}`;
  // Without -f: the main thread alone, and none of the programs that it starts.
  return run(['strace', '-qq', '-o', '/dev/null', '-e', `trace=${fault.call}`, '-e', inject, ...node]);
}

/** How often a script makes each call on its main thread. */
export async function countCalls(script: string, args: readonly string[], log: string): Promise<Map<DiskCall, number>> {
  const node = [process.execPath, script, ...args];
  const ended = await run(['strace', '-qq', '-o', log, '-e', `trace=${DISK_CALLS.join(',')}`, ...node]);
  if (ended.code !== 0) throw new Error(`cannot trace: ${ended.stderr} ${ended.stdout}`);
  const counts = new Map<DiskCall, number>();
  for (const [, name] of readFileSync(log, 'latin1').matchAll(/^([a-z]+)\(/gm)) {
    const call = DISK_CALLS.find((known) => known === name);
    if (call !== undefined) counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return counts;
}

function run([program = '', ...args]: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ stdout, stderr, code }));
  });
}
