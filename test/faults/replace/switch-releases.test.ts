import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDirectory, describeState } from '../../support/directory-state.ts';
import { releaseScene, switchTo } from '../../support/release-scene.ts';
import { countCalls, DISK_CALLS, type DiskCall, type Fault, runNode } from '../../support/strace.ts';
import { EXCLUDED, NEW, OLD } from './replace-states.ts';

// As for a directory that is changed in place: a real process is killed, or has a system call fail, at each place where
// it touches the disk, and others go on or go back. What the set's path stands for must be the old state or the new one.

/** FAULTS=all tries each place; otherwise every STRIDE-th, which is a different one of each call. */
const STRIDE = process.env['FAULTS'] === 'all' ? 1 : 8;
const LATE = 5;
const AT_ONCE = 2;
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
let driver: string;
const templates = new Map<Start, string>();

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-faults-'));
  driver = join(scratch, 'driver.cjs');
  const bundle = await rolldown({ input: join(import.meta.dirname, 'replace-driver.ts'), platform: 'node' });
  await bundle.write({ file: driver, format: 'cjs' });
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
  readonly args: readonly string[];
}

function makeScene(start: Start, name: string): Scene {
  const dir = join(scratch, name);
  execFileSync('cp', ['-a', templates.get(start) ?? '', dir]);
  const root = join(dir, 'artifacts');
  return { name, start, dir, root, args: [join(dir, '.git'), root, KEEP] };
}

/** Nothing of ours is left but releases, and the path stands for exactly one of the two states, in its layout. */
function judge({ name, start, dir, root }: Scene, outcome: string): void {
  const lines = describeDirectory(realpathSync(root));
  const is = JSON.stringify(lines) === JSON.stringify(describeState(NEW)) ? 'new' : 'old';
  expect(lines, `${name}: ${outcome}`).toEqual(describeState(is === 'new' ? NEW : OLD));
  if (outcome !== 'none') expect(outcome, name).toBe(`${is} 0`);
  const releases = join(dir, '.artifacts.releases');
  const isLink = lstatSync(root).isSymbolicLink();
  const names = isLink || start === 'a release' ? readdirSync(releases).sort() : ['.gitignore'];
  const live = isLink ? readlinkSync(root) : undefined;
  const listed = names.map((one) => (live === `.artifacts.releases/${one}` ? `${one} *` : one));
  expect(listed, `${name}: releases`).toEqual(['.gitignore', ...LISTED[start][is]]);
  expect(readdirSync(dir).sort(), `${name}: left behind`).toEqual([
    ...(isLink ? ['.artifacts.releases'] : []),
    '.git',
    'artifacts',
  ]);
  const home = readdirSync(join(dir, '.git/snapshot'), { recursive: true, encoding: 'utf8' });
  const records = LISTED[start][is].map((one) => `releases/artifacts/${one.replace(' *', '')}.json`);
  const directories = ['replace', 'releases', 'releases/artifacts'];
  expect(home.filter((one) => !directories.includes(one)).sort(), `${name}: left behind`).toEqual(records);
}

/** Places, spread over all calls. Most are in what is staged; what comes after the journal is among the last, or a rename. */
function places(
  what: Fault['what'],
  calls: readonly DiskCall[],
  stride: number,
  total: Map<DiskCall, number>,
): Fault[] {
  const all = calls.flatMap((call) => {
    const count = total.get(call) ?? 0;
    return Array.from({ length: count }, (_, k) => ({ call, nth: k + 1, what, isLate: k >= count - LATE }));
  });
  return all
    .filter(({ call, isLate }, k) => k % stride === 0 || isLate || call === 'rename')
    .map(({ call, nth }) => ({ call, nth, what }));
}

async function inParallel<T>(items: readonly T[], work: (item: T, k: number) => Promise<void>): Promise<void> {
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function count(start: Start, verb: string, begin?: string): Promise<Map<DiskCall, number>> {
  const scene = makeScene(start, `count-${verb}-${start.replaceAll(' ', '-')}`);
  if (begin !== undefined) await runNode(driver, [begin, ...scene.args]);
  const total = await countCalls(driver, [verb, ...scene.args], join(scratch, 'trace'));
  rmSync(scene.dir, { recursive: true });
  return total;
}

describe.each(STARTS)('from %s', (start) => {
  it('makes the new release when nothing goes wrong', async () => {
    const scene = makeScene(start, 'plain');
    expect(await runNode(driver, ['replace', ...scene.args])).toEqual({ stdout: 'new 0', stderr: '', code: 0 });
    judge(scene, 'new 0');
    rmSync(scene.dir, { recursive: true });
  });

  it('survives kill -9 at every place, in the work and in the recovery', { timeout: 900_000 }, async () => {
    const counts = await count(start, 'replace');
    const faults = places('kill', DISK_CALLS, STRIDE, counts);
    const ends = { none: 0, new: 0, old: 0 };
    let killedTwice = 0;
    await inParallel(faults, async (fault, k) => {
      const scene = makeScene(start, `kill-${fault.call}-${fault.nth}`);
      const killed = await runNode(driver, ['replace', ...scene.args], fault);
      expect(killed.code, `${scene.name}: ${killed.stdout}${killed.stderr}`).toBeNull();
      const first = k % 2 === 0 ? 'continue' : 'revert';
      const second = k % 4 < 2 ? 'continue' : 'revert';
      const call = DISK_CALLS[(k * 5) % DISK_CALLS.length] ?? 'rename';
      const one = await runNode(driver, [first, ...scene.args], { call, nth: 1 + (k % 4), what: 'kill' });
      const last = await runNode(driver, [second, ...scene.args]);
      expect(last.code, `${scene.name}, ${first} killed at ${call}, ${second}: ${last.stdout}${last.stderr}`).toBe(0);
      const [outcome = 'none'] = [last, one].map(({ stdout }) => stdout).filter((text) => /^(new|old) /.test(text));
      judgeEnd(scene, outcome);
      ends[outcome.startsWith('new') ? 'new' : outcome.startsWith('old') ? 'old' : 'none']++;
      if (one.code === null) killedTwice++;
      rmSync(scene.dir, { recursive: true });
    });
    expect(ends.new + ends.old).toBeGreaterThan(1);
    say(`from ${start}: kill -9: ${faults.length} places, ${killedTwice} killed twice; ends ${JSON.stringify(ends)}`);
  });

  it.each([
    ['apply', 'revert', 'continue'],
    ['arm', 'continue', 'revert'],
  ] as const)(
    'can be turned round wherever it is killed: %s, %s, %s',
    { timeout: 900_000 },
    async (begin, turn, back) => {
      const faults = places('kill', DISK_CALLS, STRIDE, await count(start, turn, begin));
      await inParallel(faults, async (fault) => {
        const scene = makeScene(start, `${turn}-${fault.call}-${fault.nth}`);
        await runNode(driver, [begin, ...scene.args]);
        const killed = await runNode(driver, [turn, ...scene.args], fault);
        expect(killed.code, `${scene.name}: ${killed.stdout}${killed.stderr}`).toBeNull();
        const last = await runNode(driver, [back, ...scene.args]);
        expect(last.code, `${scene.name}: ${last.stdout}${last.stderr}`).toBe(0);
        judgeEnd(scene, last.stdout);
        rmSync(scene.dir, { recursive: true });
      });
      say(`from ${start}: ${turn} killed, then ${back}: ${faults.length} places`);
    },
  );

  it('survives system calls that fail', { timeout: 900_000 }, async () => {
    const counts = await count(start, 'replace');
    const faults = [
      ...places('EIO', ['rename', 'fsync', 'rmdir', 'fchmod'], STRIDE * 2, counts),
      ...places('ENOSPC', ['link', 'mkdir', 'symlink'], STRIDE, counts),
      ...places('EACCES', ['unlink', 'chmod', 'mkdir'], STRIDE * 2, counts),
      ...places('EXDEV', ['rename'], Math.min(STRIDE, 2), counts),
      ...places('EPERM', ['link'], Math.min(STRIDE, 2), counts),
    ];
    let refused = 0;
    await inParallel(faults, async (fault, k) => {
      const scene = makeScene(start, `${fault.what}-${fault.call}-${fault.nth}`);
      const failed = await runNode(driver, ['replace', ...scene.args], fault);
      expect([0, 5], `${scene.name}: ${failed.stdout}${failed.stderr}`).toContain(failed.code);
      if (failed.code === 5) refused++;
      const verb = k % 2 === 0 ? 'continue' : 'revert';
      const last = await runNode(driver, [verb, ...scene.args]);
      expect(last.code, `${scene.name}: ${failed.stdout}; ${verb}: ${last.stdout}${last.stderr}`).toBe(0);
      judgeEnd(scene, last.stdout);
      rmSync(scene.dir, { recursive: true });
    });
    say(`from ${start}: failing calls: ${faults.length} places, ${refused} refused`);
  });
});

/**
 * Where the journal was gone when it was stopped, old releases may not have been removed yet, nor records that belong to
 * no release: the content is as it has to be, and the next switch clears up.
 */
function judgeEnd(scene: Scene, outcome: string): void {
  if (outcome !== 'none') {
    judge(scene, outcome);
    return;
  }
  const lines = describeDirectory(realpathSync(scene.root));
  expect([describeState(OLD), describeState(NEW)], scene.name).toContainEqual(lines);
  expect(readFileSync(join(scene.root, EXCLUDED), 'utf8')).toBe('ignored by the rules');
  const releases = join(scene.dir, '.artifacts.releases');
  const names = lstatSync(scene.root).isSymbolicLink() ? readdirSync(releases) : [];
  expect(
    names.filter((name) => name.startsWith('.git-snapshot-')),
    scene.name,
  ).toEqual([]);
}
