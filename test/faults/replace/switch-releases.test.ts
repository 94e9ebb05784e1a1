import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDirectory, describeState } from '../../support/directory-state.ts';
import { releaseScene, switchTo } from '../../support/release-scene.ts';
import { spread } from '../choose-faults.ts';
import { inParallel } from '../in-parallel.ts';
import { type Effect, findPoints, type Point } from '../strace/run-traced.ts';
import type { WritingCall } from '../strace/traced-calls.ts';
import { buildDriver, type Driver } from './driver.ts';
import { EXCLUDED, NEW, OLD } from './replace-states.ts';

// As for a directory that is changed in place: a real process is killed, or has a system call fail, at each place where
// it touches the disk, and others go on or go back. What the set's path stands for must be the old state or the new one.

/** FAULTS=all tries each point; otherwise so many of each test, evenly spread. */
const AT_MOST = process.env['FAULTS'] === 'all' ? Number.POSITIVE_INFINITY : 8;
const KEEP = '2';
const say = (text: string) => process.stderr.write(`${text}\n`);

/** A plain directory that becomes the first release; or three releases, of which two go. */
const STARTS = ['a plain directory', 'a release'] as const;
type Start = (typeof STARTS)[number];
const LISTED: Record<Start, { old: string[]; new: string[] }> = {
  'a plain directory': { old: [], new: ['000001-old', '000002-new *'] },
  'a release': { old: ['000001-was', '000002-b', '000003-old *'], new: ['000003-old', '000004-new *'] },
};

let scratch: string;
let driver: Driver;
const templates = new Map<Start, string>();

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-faults-'));
  driver = await buildDriver(scratch);
  const plain = releaseScene(OLD, 3, join(scratch, 'plain-start'));
  plain.lock.release();
  templates.set('a plain directory', plain.dir);
  const { [EXCLUDED]: _, ...old } = OLD;
  const linked = releaseScene(
    { a: { file: 'a' }, [EXCLUDED]: OLD[EXCLUDED] ?? 'dir' },
    3,
    join(scratch, 'linked-start'),
  );
  await switchTo(linked, { b: { file: 'b' } }, 'b', [EXCLUDED]);
  await switchTo(linked, old, 'old', [EXCLUDED]);
  linked.lock.release();
  templates.set('a release', linked.dir);
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Scene {
  readonly name: string;
  readonly start: Start;
  readonly dir: string;
  readonly root: string;
  readonly releases: string;
  readonly args: readonly string[];
}

function makeScene(start: Start, name: string): Scene {
  const dir = join(scratch, `${start.replaceAll(' ', '-')}-${name}`);
  execFileSync('cp', ['-a', templates.get(start) ?? '', dir]);
  const [root, releases] = [join(dir, 'artifacts'), join(dir, '.artifacts.releases')];
  return { name: `from ${start}, ${name}`, start, dir, root, releases, args: [join(dir, '.git'), root, KEEP] };
}

/** Where a verb touches the disk, after another that begins if need be. */
async function pointsOf(start: Start, verb: string, begin?: string): Promise<Point[]> {
  const scene = makeScene(start, `count-${verb}`);
  if (begin !== undefined) await driver.run(scene, begin);
  const { ended, points } = await findPoints(driver.programOf(scene, verb));
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  rmSync(scene.dir, { recursive: true });
  return points;
}

/** `old` or `new`: what the path stands for, which is exactly one of the two. */
function stateOf({ name, root }: Scene): 'old' | 'new' {
  const lines = describeDirectory(realpathSync(root));
  const is = JSON.stringify(lines) === JSON.stringify(describeState(NEW)) ? 'new' : 'old';
  expect(lines, name).toEqual(describeState(is === 'new' ? NEW : OLD));
  expect(readFileSync(join(root, EXCLUDED), 'utf8'), name).toBe('ignored by the rules');
  return is;
}

/** Releases, with a star after the one that is live. Nothing of ours is there but these and their records. */
function releasesIn({ name, dir, root, releases }: Scene): string[] {
  const live = lstatSync(root).isSymbolicLink() ? readlinkSync(root) : undefined;
  const [first, ...rest] = live === undefined ? [] : readdirSync(releases).sort();
  if (live !== undefined) expect(first, name).toBe('.gitignore');
  const home = readdirSync(join(dir, '.git/snapshot'), { recursive: true, encoding: 'utf8' });
  const directories = ['replace', 'releases', 'releases/artifacts'];
  const records = rest.map((one) => `releases/artifacts/${one}.json`);
  expect(home.filter((one) => !directories.includes(one)).sort(), `${name}: left behind`).toEqual(records);
  expect(readdirSync(dir).sort(), `${name}: left behind`).toEqual([
    ...(live === undefined ? [] : ['.artifacts.releases']),
    '.git',
    'artifacts',
  ]);
  return rest.map((one) => (live === `.artifacts.releases/${one}` ? `${one} *` : one));
}

/**
 * Where the journal was gone when it was stopped, what was to go may still be there: the content is as it has to be, and the
 * next switch clears up.
 */
async function judge(scene: Scene, outcome: string): Promise<void> {
  const { name, start } = scene;
  const is = stateOf(scene);
  if (outcome !== 'none') {
    expect(outcome, name).toBe(`${is} 0`);
    expect(releasesIn(scene), name).toEqual(LISTED[start][is]);
    return;
  }
  expect(await driver.run(scene, 'replace'), name).toMatchObject({ code: 0, stdout: 'new 0' });
  expect(stateOf(scene), name).toBe('new');
  expect(releasesIn(scene), name).toHaveLength(Number(KEEP));
}

/** Errors that a file system has for what it cannot do: to be got round, most of them. */
const ODD_ERRORS: readonly (readonly [WritingCall, Effect])[] = [
  ['rename', 'EXDEV'],
  ['link', 'EPERM'],
  ['chmod', 'EPERM'],
  ['fchmod', 'EPERM'],
];

describe.each(STARTS)('from %s', (start) => {
  let points: readonly Point[];

  beforeAll(async () => {
    points = await pointsOf(start, 'replace');
  });

  it('makes the new release when nothing goes wrong', async () => {
    const scene = makeScene(start, 'plain');
    expect(await driver.run(scene, 'replace')).toEqual({ stdout: 'new 0', stderr: '', code: 0 });
    await judge(scene, 'new 0');
    rmSync(scene.dir, { recursive: true });
  });

  it('survives kill -9 at every point, in the work and in the recovery', { timeout: 3_600_000 }, async () => {
    // Most points are in what is staged; what comes after the journal is little, and matters most.
    const journal = points.findIndex(({ call, path }) => call === 'rename' && path.endsWith('.journal.new'));
    expect(journal).toBeGreaterThan(0);
    const chosen = [...spread(points.slice(0, journal), AT_MOST / 2), ...spread(points.slice(journal), AT_MOST)];
    const ends = { none: 0, new: 0, old: 0 };
    await inParallel(chosen, async (point, k) => {
      const scene = makeScene(start, `kill-${point.call}-${point.nth}`);
      const killed = await driver.runInto(scene, 'replace', { point, effect: 'kill' });
      expect(killed.code, `${scene.name}: ${killed.stdout}${killed.stderr}`).toBeNull();
      const first = k % 2 === 0 ? 'continue' : 'revert';
      const second = k % 4 < 2 ? 'continue' : 'revert';
      const again = points[(k * 31) % points.length] ?? point;
      const one = await driver.runInto(scene, first, { point: again, effect: 'kill' });
      const last = await driver.run(scene, second);
      const what = `${scene.name}, ${first} killed at ${again.call} ${again.nth}, ${second}`;
      expect(last.code, `${what}: ${last.stdout}${last.stderr}`).toBe(0);
      const [outcome = 'none'] = [last, one].map(({ stdout }) => stdout).filter((text) => /^(new|old) /.test(text));
      await judge({ ...scene, name: what }, outcome);
      ends[outcome.startsWith('new') ? 'new' : outcome.startsWith('old') ? 'old' : 'none']++;
      rmSync(scene.dir, { recursive: true });
    });
    expect(ends.new + ends.old).toBeGreaterThan(1);
    say(`from ${start}: killed: ${chosen.length} of ${points.length} points; ends ${JSON.stringify(ends)}`);
  });

  it.each([
    ['apply', 'revert', 'continue'],
    ['arm', 'continue', 'revert'],
  ] as const)(
    'can be turned round wherever it is killed: %s, %s, %s',
    { timeout: 3_600_000 },
    async (begin, turn, back) => {
      const all = await pointsOf(start, turn, begin);
      const chosen = spread(all, AT_MOST);
      await inParallel(chosen, async (point) => {
        const scene = makeScene(start, `${turn}-${point.call}-${point.nth}`);
        await driver.run(scene, begin);
        const killed = await driver.runInto(scene, turn, { point, effect: 'kill' });
        expect(killed.code, `${scene.name}: ${killed.stdout}${killed.stderr}`).toBeNull();
        const last = await driver.run(scene, back);
        expect(last.code, `${scene.name}: ${last.stdout}${last.stderr}`).toBe(0);
        await judge(scene, last.stdout);
        rmSync(scene.dir, { recursive: true });
      });
      say(`from ${start}: ${turn} killed, then ${back}: ${chosen.length} of ${all.length} points`);
    },
  );

  it('survives system calls that fail', { timeout: 3_600_000 }, async () => {
    const usual = points.map((point, i) => ({ point, effect: (['EIO', 'ENOSPC', 'EACCES'] as const)[i % 3] ?? 'EIO' }));
    const odd = ODD_ERRORS.flatMap(([call, effect]) =>
      points.filter((point) => point.call === call).map((point) => ({ point, effect })),
    );
    const chosen = [...spread(usual, AT_MOST), ...spread(odd, AT_MOST)];
    let refused = 0;
    await inParallel(chosen, async ({ point, effect }, k) => {
      const scene = makeScene(start, `${effect}-${point.call}-${point.nth}`);
      const failed = await driver.runInto(scene, 'replace', { point, effect });
      expect([0, 5], `${scene.name}: ${failed.stdout}${failed.stderr}`).toContain(failed.code);
      if (failed.code === 5) refused++;
      const verb = k % 2 === 0 ? 'continue' : 'revert';
      const last = await driver.run(scene, verb);
      expect(last.code, `${scene.name}: ${failed.stdout}; ${verb}: ${last.stdout}${last.stderr}`).toBe(0);
      await judge(scene, last.stdout);
      rmSync(scene.dir, { recursive: true });
    });
    say(`from ${start}: failing calls: ${chosen.length}, ${refused} refused, ${chosen.length - refused} got round`);
  });
});
