import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShimOrders } from './git-shims.ts';
import { parseTrace, type TracedCall, WRITING_CALLS, type WritingCall } from './traced-calls.ts';

/** A program for node, to be run under strace. */
export interface Program {
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute: a system call counts if it changes something below it. */
  readonly disk: string;
}

/** A system call that changes the disk, in a run without faults. */
export interface Point {
  /** `main`: the program's main thread; `worker`: another thread of it; else a git, such as `update-ref.1`. */
  readonly process: string;
  readonly call: WritingCall;
  /** Which call of that name it is on its thread, from 1. */
  readonly nth: number;
  /** Which it is among those of them that change the disk, from 1. */
  readonly ordinal: number;
  /** What it works on. */
  readonly path: string;
}

/**
 * What happens there instead of the call: the process dies as by kill -9 (of a git, the program dies with it), the git
 * alone dies, or the call fails with an error.
 */
export type Effect = 'kill' | 'kill-git' | 'ENOSPC' | 'EIO' | 'EACCES' | 'EPERM' | 'EXDEV';

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Null if a signal ended it. */
  readonly code: number | null;
}

/** How a run ended that was to meet a fault. */
export interface Faulted extends Ended {
  /** By how many of the points of its call the fault came too early (above 0) or too late; undefined: it came to no point. */
  readonly off: number | undefined;
  /** Which call of that name the point was in this run, from 1, or is the likeliest to be. */
  readonly nth: number;
}

/** Runs a program without a fault, and lists its points, in order within each process. */
export async function findPoints(program: Program): Promise<{ readonly ended: Ended; readonly points: Point[] }> {
  return withLog(async (log) => {
    const options = ['-qq', '-y', '-s', '0', '-e', `trace=${WRITING_CALLS.join(',')}`];
    const orders: ShimOrders = {
      FAULTS_LOG: log,
      FAULTS_TRACED: 'all',
      FAULTS_STRACE: options.join(' '),
      FAULTS_KILLS: 'git',
    };
    // -b execve: the threads of the program itself, but not the programs that it starts.
    const ended = await run(
      program,
      ['strace', '-f', '-ff', '-b', 'execve', '-o', join(log, '+main'), ...options],
      orders,
    );
    const points = traces(log, program.disk).flatMap(({ process, calls }) => pointsOf(process, calls));
    return { ended, points };
  });
}

/** Runs a program that meets an effect at a point. The point is where it was in another run: see {@link Faulted.off}. */
export async function runWithFault(
  program: Program,
  { point, effect }: { point: Point; effect: Effect },
): Promise<Faulted> {
  return withLog(async (log) => {
    const what = effect === 'kill' || effect === 'kill-git' ? 'signal=SIGKILL' : `error=${effect}`;
    const inject = `inject=${point.call}:${what}:when=${point.nth}`;
    const options = ['-qq', '-y', '-s', '0', '-e', `trace=${point.call}`, '-e', inject];
    const isOwn = point.process === 'main' || point.process === 'worker';
    const orders: ShimOrders = {
      FAULTS_LOG: log,
      FAULTS_TRACED: isOwn ? 'none' : point.process,
      FAULTS_STRACE: options.join(' '),
      FAULTS_KILLS: effect === 'kill' ? 'group' : 'git',
    };
    const threads = point.process === 'worker' ? ['-f', '-ff', '-b', 'execve'] : [];
    const strace = isOwn ? ['strace', ...threads, '-o', join(log, '+main'), ...options] : [];
    const callsMet = () =>
      traces(log, program.disk).find(({ calls }) => calls.some(({ isFaulted }) => isFaulted))?.calls;
    // A call to something else than the disk, such as to another thread, may be waited for for ever.
    const isAstray = () => {
      const calls = callsMet();
      return calls !== undefined && distance(calls, point) === undefined;
    };
    const ended = await run(program, strace, orders, isAstray);
    const calls = callsMet() ?? traces(log, program.disk).find(({ process }) => process === point.process)?.calls ?? [];
    return { ...ended, off: distance(calls, point), nth: nthOf(calls, point) };
  });
}

/** Runs a program as it is. */
export function runPlain(program: Program): Promise<Ended> {
  return withLog((log) =>
    run(program, [], { FAULTS_LOG: log, FAULTS_TRACED: 'none', FAULTS_STRACE: '', FAULTS_KILLS: 'git' }),
  );
}

function distance(calls: readonly TracedCall[], { ordinal }: Point): number | undefined {
  const at = calls.findIndex(({ isFaulted }) => isFaulted);
  if (!calls[at]?.writes) return undefined;
  return ordinal - calls.slice(0, at + 1).filter(({ writes }) => writes).length;
}

/** Where the point was; if the run ended before, as many calls after its end as there were to be points. */
function nthOf(calls: readonly TracedCall[], { ordinal }: Point): number {
  const places = calls.flatMap(({ writes }, i) => (writes ? [i + 1] : []));
  return places[ordinal - 1] ?? calls.length + ordinal - places.length;
}

function pointsOf(process: string, calls: readonly TracedCall[]): Point[] {
  const counts = new Map<string, { nth: number; ordinal: number }>();
  return calls.flatMap(({ name, path, writes }) => {
    const count = counts.get(name) ?? { nth: 0, ordinal: 0 };
    count.nth++;
    if (writes) count.ordinal++;
    counts.set(name, count);
    return writes ? [{ process, call: name, path, ...count }] : [];
  });
}

/** The traces of a run, by process. Of several threads, the one that began first is the main one. */
function traces(log: string, disk: string): { process: string; calls: TracedCall[] }[] {
  const names = readdirSync(log);
  const own = names.filter((name) => name.startsWith('+main')).sort(byThread);
  const others = names.filter((name) => !name.startsWith('+main')).sort();
  const read = (name: string) => parseTrace(readFileSync(join(log, name), 'latin1'), disk);
  return [
    ...own.map((name, i) => ({ process: i === 0 ? 'main' : 'worker', calls: read(name) })),
    ...others.map((name) => ({ process: name, calls: read(name) })),
  ];
}

const byThread = (a: string, b: string) => Number(a.split('.')[1] ?? 0) - Number(b.split('.')[1] ?? 0);

async function withLog<T>(work: (log: string) => Promise<T>): Promise<T> {
  const log = mkdtempSync(join(tmpdir(), 'git-snapshot-strace-'));
  try {
    return await work(log);
  } finally {
    rmSync(log, { recursive: true, force: true });
  }
}

const LOOK_EVERY_MS = 1000;
/** A program that takes longer hangs, on the busiest machine. */
const TIMEOUT_MS = 300_000;

/**
 * Runs it as a process group of its own, and waits until every process of that is gone.
 *
 * @param isUseless - asked now and then; once it says so, the run is ended
 */
async function run(
  { script, args, cwd, env }: Program,
  strace: readonly string[],
  orders: ShimOrders,
  isUseless = () => false,
): Promise<Ended> {
  const [program = '', ...words] = [...strace, process.execPath, script, ...args];
  const child = spawn(program, words, {
    cwd,
    env: { ...env, ...orders },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = -(child.pid ?? 0);
  const deadline = Date.now() + TIMEOUT_MS;
  const watch = setInterval(() => {
    if (isAlive(group) && (Date.now() > deadline || isUseless())) process.kill(group, 'SIGKILL');
  }, LOOK_EVERY_MS);
  const ended = await new Promise<Ended>((resolve, reject) => {
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
  }).finally(() => clearInterval(watch));
  while (isAlive(group)) await sleep(5);
  return ended;
}

/** Whether a process of the group still runs. Those that are dead stay in it until their new parent takes note, which may take seconds. */
function isAlive(group: number): boolean {
  if (!isThere(group)) return false;
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && isAliveIn(group, pid));
}

function isAliveIn(group: number, pid: string): boolean {
  try {
    // "PID (NAME) STATE PARENT GROUP ...": a name may have anything in it.
    const [state = 'Z', , of] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(of) === -group && !'ZX'.includes(state);
  } catch {
    // Gone since the list was made.
    return false;
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
