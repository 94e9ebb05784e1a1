import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDirectory, describeState, makeDirectory } from '../support/directory-state.ts';
import { countCalls, DISK_CALLS, type DiskCall, type Fault, runNode } from '../support/strace.ts';
import { NEW, OLD } from './replace-states.ts';

// A real process is killed, or has a system call fail, at each place where it touches the disk. Then another process
// goes on or goes back, is killed as well, and a third ends it. The directory must be the old or the new one, exactly.

/** FAULTS=all tries each place; otherwise every STRIDE-th, which is a different one of each call. */
const STRIDE = process.env['FAULTS'] === 'all' ? 1 : 4;
const AT_ONCE = 2;

let scratch: string;
let driver: string;
let counts: Map<DiskCall, number>;
const states = { old: describeState(OLD), new: describeState(NEW) };

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-faults-'));
  driver = join(scratch, 'driver.cjs');
  const bundle = await rolldown({ input: join(import.meta.dirname, 'replace-driver.ts'), platform: 'node' });
  await bundle.write({ file: driver, format: 'cjs' });
  const scene = makeScene('count');
  counts = await countCalls(driver, ['replace', ...scene.args], join(scratch, 'trace'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Scene {
  readonly name: string;
  readonly dir: string;
  readonly root: string;
  readonly args: readonly string[];
}

function makeScene(name: string): Scene {
  const dir = join(scratch, name);
  const root = join(dir, 'artifacts');
  mkdirSync(join(dir, '.git'), { recursive: true });
  makeDirectory(root, OLD);
  return { name, dir, root, args: [join(dir, '.git'), root] };
}

/** Nothing of ours is left, and the directory is exactly one of the two. */
function judge({ name, dir, root }: Scene, outcome: string): void {
  const lines = describeDirectory(root);
  const is = JSON.stringify(lines) === JSON.stringify(states.new) ? 'new' : 'old';
  expect(lines, `${name}: ${outcome}`).toEqual(states[is]);
  if (outcome !== 'none') expect(outcome, name).toBe(`${is} 0`);
  const home = join(dir, '.git', 'snapshot');
  expect(existsSync(home) ? readdirSync(home, { recursive: true }) : ['replace'], `${name}: left behind`).toEqual(
    existsSync(join(home, 'replace')) ? ['replace'] : [],
  );
  expect(readdirSync(dir).sort(), `${name}: left behind`).toEqual(['.git', 'artifacts']);
}

/** Places, spread over all calls. */
function places(what: Fault['what'], calls: readonly DiskCall[], stride: number, total = counts): Fault[] {
  const all = calls.flatMap((call) =>
    Array.from({ length: total.get(call) ?? 0 }, (_, k) => ({ call, nth: k + 1, what })),
  );
  return all.filter((_, k) => k % stride === 0);
}

async function inParallel<T>(items: readonly T[], work: (item: T, k: number) => Promise<void>): Promise<void> {
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const say = (text: string) => process.stderr.write(`${text}\n`);

it('makes the new directory when nothing goes wrong', async () => {
  const scene = makeScene('plain');
  expect(await runNode(driver, ['replace', ...scene.args])).toEqual({ stdout: 'new 0', stderr: '', code: 0 });
  judge(scene, 'new 0');
});

it('survives kill -9 at every place, in the work and in the recovery', { timeout: 600_000 }, async () => {
  const faults = places('kill', DISK_CALLS, STRIDE);
  let runs = 0;
  await inParallel(faults, async (fault, k) => {
    const scene = makeScene(`kill-${fault.call}-${fault.nth}`);
    const killed = await runNode(driver, ['replace', ...scene.args], fault);
    expect(killed.code, `${scene.name}: ${killed.stdout}${killed.stderr}`).toBeNull();

    // Each of the four ways to go on, in turn, and each place of the second death in turn too.
    const first = k % 2 === 0 ? 'continue' : 'revert';
    const second = k % 4 < 2 ? 'continue' : 'revert';
    const call = DISK_CALLS[(k * 5) % DISK_CALLS.length] ?? 'rename';
    const nth = 1 + ((k * 7) % Math.max(1, Math.floor((counts.get(call) ?? 1) / 2)));
    await runNode(driver, [first, ...scene.args], { call, nth, what: 'kill' });
    const last = await runNode(driver, [second, ...scene.args]);
    runs += 3;
    expect(last.code, `${scene.name}, ${first} killed at ${call} ${nth}, ${second}: ${last.stdout}${last.stderr}`).toBe(
      0,
    );
    judge(scene, last.stdout);
    if (last.stdout !== 'none') expect(last.stdout.slice(0, 3)).toBe(second === 'continue' ? 'new' : 'old');
    rmSync(scene.dir, { recursive: true });
  });
  say(`kill -9: ${faults.length} places, ${runs} processes`);
});

it.each([
  ['apply', 'revert', 'continue'],
  ['arm', 'continue', 'revert'],
] as const)(
  'can be turned round wherever it is killed: %s, %s, %s',
  { timeout: 600_000 },
  async (begin, first, second) => {
    const scene = makeScene(`count-${begin}`);
    expect((await runNode(driver, [begin, ...scene.args])).code).toBe(0);
    const total = await countCalls(driver, [first, ...scene.args], join(scratch, 'trace'));
    const faults = places('kill', ['rename', 'link', 'unlink', 'chmod'], STRIDE, total);
    await inParallel(faults, async (fault) => {
      const there = makeScene(`${first}-${fault.call}-${fault.nth}`);
      await runNode(driver, [begin, ...there.args]);
      const killed = await runNode(driver, [first, ...there.args], fault);
      expect(killed.code, `${there.name}: ${killed.stdout}${killed.stderr}`).toBeNull();
      const last = await runNode(driver, [second, ...there.args]);
      expect(last.code, `${there.name}: ${last.stdout}${last.stderr}`).toBe(0);
      judge(there, last.stdout);
      rmSync(there.dir, { recursive: true });
    });
    say(`${first} killed, then ${second}: ${faults.length} places`);
  },
);

it('survives system calls that fail', { timeout: 600_000 }, async () => {
  const faults = [
    ...places('EIO', ['rename', 'fsync', 'rmdir', 'fchmod'], STRIDE * 2),
    ...places('ENOSPC', ['link', 'mkdir', 'symlink'], STRIDE),
    ...places('EACCES', ['unlink', 'chmod', 'mkdir'], STRIDE * 2),
    ...places('EXDEV', ['rename'], STRIDE),
    ...places('EPERM', ['link'], Math.min(STRIDE, 2)),
  ];
  let refused = 0;
  await inParallel(faults, async (fault, k) => {
    const scene = makeScene(`${fault.what}-${fault.call}-${fault.nth}`);
    const failed = await runNode(driver, ['replace', ...scene.args], fault);
    expect([0, 5], `${scene.name}: ${failed.stdout}${failed.stderr}`).toContain(failed.code);
    if (failed.code === 5) refused++;
    // It must say whether the directory was changed.
    const before = describeDirectory(scene.root).filter((line) => !line.includes('.git-snapshot-'));
    if (
      failed.stdout.startsWith('error conflict') &&
      !existsSync(join(scene.dir, '.git/snapshot/replace/artifacts.journal'))
    ) {
      expect([states.old, states.new], scene.name).toContainEqual(before);
    }
    const verb = k % 2 === 0 ? 'continue' : 'revert';
    const last = await runNode(driver, [verb, ...scene.args]);
    expect(last.code, `${scene.name}: ${failed.stdout}; ${verb}: ${last.stdout}${last.stderr}`).toBe(0);
    judge(scene, last.stdout);
    rmSync(scene.dir, { recursive: true });
  });
  say(`failing calls: ${faults.length} places, ${refused} refused, ${faults.length - refused} got round`);
});
