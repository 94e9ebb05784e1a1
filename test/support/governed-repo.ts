import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { programs } from './programs.ts';
import { type TempRepo, tempRepo } from './temp-repo.ts';

/** How a program ended. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** One character a byte. */
  readonly stdoutBytes: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What time it is for the program, in milliseconds since the epoch; undefined: what it is. */
  readonly nowMs?: number | undefined;
}

/** Runs the built program in this process: fast, for tests with many steps. The first word is the program's. */
async function runHere(
  [program, ...argv]: readonly string[],
  { cwd = '/', env = {}, nowMs }: RunOptions = {},
): Promise<Run> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const into = (chunks: Buffer[]) => ({ write: (chunk: string | Uint8Array) => chunks.push(Buffer.from(chunk)) });
  const stdin = new PassThrough();
  stdin.end();
  const code = await (await programs()).main(program === 'rollback' ? 'git-rollback' : 'git-snapshot', argv, {
    cwd,
    env: { ...process.env, ...env },
    stdin,
    stdout: into(out),
    stderr: into(err),
    now: () => nowMs ?? Date.now(),
  });
  return ended(code, Buffer.concat(out), Buffer.concat(err));
}

/** Runs the built program as a process of its own, as users do. */
export async function runApart(
  [program, ...argv]: readonly string[],
  { cwd = '/', env = {} }: RunOptions = {},
): Promise<Run> {
  const script = (await programs()).script(program === 'rollback' ? 'git-rollback' : 'git-snapshot');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...argv], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve(ended(code, Buffer.concat(out), Buffer.concat(err))));
  });
}

function ended(code: number | null, stdout: Buffer, stderr: Buffer): Run {
  return { code, stdout: stdout.toString(), stderr: stderr.toString(), stdoutBytes: stdout.toString('latin1') };
}

/** A repository in which the programs are at home. Commands are words: `snapshot list`, `rollback --yes`. */
export interface GovernedRepo extends TempRepo {
  /** The directory of the set `artifacts`. */
  readonly root: string;
  run(words: readonly string[], options?: RunOptions): Promise<Run>;
  /** Standard output. @throws with all that was printed unless the exit code is `code` */
  expect(code: number, words: readonly string[], options?: RunOptions): Promise<Run>;
  ok(...words: string[]): Promise<string>;
  /** The document that `--json` prints. */
  json<T>(...words: string[]): Promise<T>;
  /** Takes a snapshot; what the document says of it. */
  take(...args: string[]): Promise<SnapshotDocument>;
  /** What time it is for the program, as {@link RunOptions} have it. */
  readonly nowMs: number | undefined;
  /** The same repository at another time, in milliseconds since the epoch. */
  at(nowMs: number): GovernedRepo;
}

export interface SnapshotDocument {
  readonly set: string;
  readonly id: string;
  readonly ref: string;
  readonly tag: string;
  readonly tree: string;
  readonly payload: string;
  readonly manifest: string;
  readonly files: number;
  readonly bytes: number;
  readonly takenAt: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A new repository, set up with `init`. */
export async function governedRepo({
  git = [],
  init = [],
}: {
  git?: readonly string[];
  init?: readonly string[];
} = {}): Promise<GovernedRepo> {
  const repo = around(tempRepo(...git));
  await repo.ok('snapshot', 'init', '--yes', '--no-passphrase', ...init);
  mkdirSync(repo.root, { recursive: true });
  return repo;
}

/** The same means for a repository that is there already. `usual` are variables of every command, `clockMs` its time. */
export function around({ dir, git }: TempRepo, usual: RunOptions['env'] = {}, clockMs?: number): GovernedRepo {
  const run: GovernedRepo['run'] = (words, { cwd = dir, env = {}, nowMs = clockMs } = {}) =>
    runHere(words, { cwd, env: { ...usual, ...env }, nowMs });
  const expectCode: GovernedRepo['expect'] = async (code, words, options) => {
    const result = await run(words, options);
    if (result.code !== code) {
      throw new Error(`'${words.join(' ')}' ended with ${result.code}, not ${code}:\n${result.stdout}${result.stderr}`);
    }
    return result;
  };
  const ok = async (...words: string[]) => (await expectCode(0, words)).stdout;
  const json = async <T>(...words: string[]) => JSON.parse((await run([...words, '--json'])).stdout) as T;
  const take = async (...args: string[]) => {
    const document = JSON.parse(await ok('snapshot', 'create', '--json', ...args)) as {
      created: boolean;
      snapshot: SnapshotDocument;
    };
    if (!document.created) throw new Error('no snapshot was made');
    return document.snapshot;
  };
  const at = (nowMs: number) => around({ dir, git }, usual, nowMs);
  return { dir, git, root: join(dir, 'artifacts'), run, expect: expectCode, ok, json, take, nowMs: clockMs, at };
}

/** A repository that exists, by its directory. */
export function existing(dir: string): GovernedRepo {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: dir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    }).replace(/\n$/, '');
  return around({ dir, git });
}

/** All that `git fsck --strict` says, of objects that are not reached too; '' where it has nothing to say but that they dangle. */
export function fsck(dir: string): string {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['fsck', '--strict', '--full', '--no-progress', '--unreachable'],
    { cwd: dir, encoding: 'utf8' },
  );
  const lines = `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line !== '' && !/^(dangling|unreachable) /.test(line) && !line.startsWith('notice: '));
  return [...(status === 0 ? [] : [`exit ${status}`]), ...lines].join('\n');
}

/** A directory as `find` and `sha256sum` see it. Shares no code with what it judges. */
export function look(root: string): string[] {
  const options = { cwd: root, encoding: 'latin1' as const, maxBuffer: 1 << 28 };
  const find = [
    ['-type', 'd', '-empty', '-printf', 'd %P\\0'],
    ['-type', 'l', '-printf', 'l %P -> %l\\0'],
    ['-type', 'f', '-printf', 'f %m %s %P\\0'],
    ['-printf', '? %y %P\\0'],
  ];
  const tests = find.flatMap((test, i) => {
    if (i < 3) return i === 0 ? ['(', ...test, ')'] : ['-o', '(', ...test, ')'];
    return ['-o', '(', '!', '-type', 'd', ...test, ')'];
  });
  const entries = execFileSync('find', ['.', '-mindepth', '1', ...tests], options).split('\0');
  const sums = execFileSync('sh', ['-c', 'find . -type f -print0 | xargs -0 -r sha256sum -z'], options).split('\0');
  return [...entries, ...sums].filter((line) => line !== '').sort();
}
