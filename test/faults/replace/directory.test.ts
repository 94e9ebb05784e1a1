import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDirectory, describeState, makeDirectory } from '../../support/directory-state.ts';
import { spread } from '../choose-faults.ts';
import { inParallel } from '../in-parallel.ts';
import { type Effect, findPoints, type Point } from '../strace/run-traced.ts';
import type { WritingCall } from '../strace/traced-calls.ts';
import { buildDriver, type Driver } from './driver.ts';
import { NEW, OLD } from './replace-states.ts';

// A real process is killed, or has a system call fail, at each place where it touches the disk. Then another process
// goes on or goes back, is killed as well, and a third ends it. The directory must be the old or the new one, exactly.

/** FAULTS=all tries each point; otherwise so many of each test, evenly spread. */
const AT_MOST = process.env['FAULTS'] === 'all' ? Number.POSITIVE_INFINITY : 8;

let scratch: string;
let driver: Driver;
let points: readonly Point[];
const states = { old: describeState(OLD), new: describeState(NEW) };

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-faults-'));
  driver = await buildDriver(scratch);
  points = await pointsOf(makeScene('count'), 'replace');
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

async function pointsOf(scene: Scene, verb: string): Promise<Point[]> {
  const found = await findPoints(driver.programOf(scene, verb));
  expect(found.ended.code, found.ended.stdout + found.ended.stderr).toBe(0);
  return found.points;
}

const say = (text: string) => process.stderr.write(`${text}\n`);

it('makes the new directory when nothing goes wrong', async () => {
  const scene = makeScene('plain');
  expect(await driver.run(scene, 'replace')).toEqual({ stdout: 'new 0', stderr: '', code: 0 });
  judge(scene, 'new 0');
});

it('survives kill -9 at every point, in the work and in the recovery', { timeout: 3_600_000 }, async () => {
  const chosen = spread(points, AT_MOST);
  await inParallel(chosen, async (point, k) => {
    const scene = makeScene(`kill-${point.call}-${point.nth}`);
    const killed = await driver.runInto(scene, 'replace', { point, effect: 'kill' });
    expect(killed.code, `${scene.name}: ${killed.stdout}${killed.stderr}`).toBeNull();

    // Each of the four ways to go on, in turn, and each point of the second death in turn too.
    const first = k % 2 === 0 ? 'continue' : 'revert';
    const second = k % 4 < 2 ? 'continue' : 'revert';
    const again = points[(k * 31) % points.length] ?? point;
    await driver.runInto(scene, first, { point: again, effect: 'kill' });
    const last = await driver.run(scene, second);
    const what = `${scene.name}, ${first} killed at ${again.call} ${again.nth}, ${second}`;
    expect(last.code, `${what}: ${last.stdout}${last.stderr}`).toBe(0);
    judge(scene, last.stdout);
    if (last.stdout !== 'none') expect(last.stdout.slice(0, 3)).toBe(second === 'continue' ? 'new' : 'old');
    rmSync(scene.dir, { recursive: true });
  });
  say(`replacing, killed: ${chosen.length} of ${points.length} points`);
});

it.each([
  ['apply', 'revert', 'continue'],
  ['arm', 'continue', 'revert'],
] as const)(
  'can be turned round wherever it is killed: %s, %s, %s',
  { timeout: 3_600_000 },
  async (begin, first, second) => {
    const scene = makeScene(`count-${begin}`);
    expect((await driver.run(scene, begin)).code).toBe(0);
    const all = await pointsOf(scene, first);
    const chosen = spread(all, AT_MOST);
    await inParallel(chosen, async (point) => {
      const there = makeScene(`${first}-${point.call}-${point.nth}`);
      await driver.run(there, begin);
      const killed = await driver.runInto(there, first, { point, effect: 'kill' });
      expect(killed.code, `${there.name}: ${killed.stdout}${killed.stderr}`).toBeNull();
      const last = await driver.run(there, second);
      expect(last.code, `${there.name}: ${last.stdout}${last.stderr}`).toBe(0);
      judge(there, last.stdout);
      rmSync(there.dir, { recursive: true });
    });
    say(`${first} killed, then ${second}: ${chosen.length} of ${all.length} points`);
  },
);

/** Errors that file systems of some kinds give for these calls, beside those that any call may meet. */
const ODD_ERRORS: readonly (readonly [WritingCall, Effect])[] = [
  ['rename', 'EXDEV'],
  ['link', 'EPERM'],
  ['chmod', 'EPERM'],
  ['fchmod', 'EPERM'],
];

it('survives system calls that fail', { timeout: 3_600_000 }, async () => {
  const usual = points.map((point, i) => ({ point, effect: (['EIO', 'ENOSPC', 'EACCES'] as const)[i % 3] ?? 'EIO' }));
  const odd = ODD_ERRORS.flatMap(([call, effect]) =>
    points.filter((point) => point.call === call).map((point) => ({ point, effect })),
  );
  const chosen = [...spread(usual, AT_MOST), ...spread(odd, AT_MOST)];
  let refused = 0;
  await inParallel(chosen, async ({ point, effect }, k) => {
    const scene = makeScene(`${effect}-${point.call}-${point.nth}`);
    const failed = await driver.runInto(scene, 'replace', { point, effect });
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
    const last = await driver.run(scene, verb);
    expect(last.code, `${scene.name}: ${failed.stdout}; ${verb}: ${last.stdout}${last.stderr}`).toBe(0);
    judge(scene, last.stdout);
    rmSync(scene.dir, { recursive: true });
  });
  say(`failing calls: ${chosen.length}, ${refused} refused, ${chosen.length - refused} got round`);
});
