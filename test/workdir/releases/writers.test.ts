import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import type { DirectoryState } from '../../support/directory-state.ts';
import { type ReleaseScene, releaseScene, stageState, switchTo } from '../../support/release-scene.ts';

// Real programs write into a release while that goes, as fast as they can. Each notes, elsewhere, what it has written.

const sight = vi.hoisted(() => ({ canSee: true }));

vi.mock('../../../src/workdir/releases/programs-in.ts', async (load) => {
  const { programsIn } = await load<typeof import('../../../src/workdir/releases/programs-in.ts')>();
  return { programsIn: (...place: Parameters<typeof programsIn>) => (sight.canSee ? programsIn(...place) : []) };
});

beforeEach(() => {
  sight.canSee = true;
});

const FILES = 40;
const state = (word: string): DirectoryState =>
  Object.fromEntries(Array.from({ length: FILES }, (_, n) => [`${n % 4}/${n}`, { file: `${word} ${n}\n` }]));
const HEADER = { from: 'was', to: 'next', startedAtSec: 1, context: {} };

/** At most so many lines of each writer. */
const LINES = 600;

// argv: what to do, and a directory of its own. It writes until it can write no more, or has written LINES lines, and is there
// until its input ends.
const WRITER = `
const fs = require('node:fs');
const [, how, own] = process.argv;
const open = how === 'descriptor' ? fs.openSync('1/1', 'a') : undefined;
let done = false;
process.stdin.on('end', () => { done = true; }).resume();
let n = 0;
const write = () => {
  const line = how + ' ' + n + '\\n';
  try {
    if (how === 'descriptor') fs.writeSync(open, line);
    else if (how === 'path') fs.appendFileSync((n % 4) + '/' + how + '-' + (n % 25), line);
    else {
      fs.writeFileSync(own + '/next', line);
      fs.renameSync(own + '/next', (n % 4) + '/' + how + '-' + n);
    }
    fs.appendFileSync(own + '/written', line);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    done = true;
  }
  if (n === 0 || done) process.stdout.write('.');
  if (++n < ${LINES} && !done) setImmediate(write);
};
write();
`;

class Writers {
  readonly #children: ChildProcess[] = [];
  readonly #places: string[] = [];

  /** Starts one of each kind, in a directory, and waits until each has written. */
  async start(scene: ReleaseScene, directory: string): Promise<void> {
    for (const how of ['descriptor', 'path', 'rename']) {
      const own = join(scene.dir, '.git', `writer-${how}`);
      mkdirSync(own);
      this.#places.push(own);
      const args = ['-e', WRITER, how, own];
      const child = spawn(process.execPath, args, { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] });
      this.#children.push(child);
      await once(child.stdout, 'data');
    }
  }

  async end(): Promise<void> {
    for (const child of this.#children) {
      child.stdin?.end();
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(0);
    }
  }

  /** What they have written, and noted. */
  lines(): string[] {
    return this.#places.flatMap((own) => readFileSync(join(own, 'written'), 'utf8').split('\n').slice(0, -1));
  }
}

/** Every line of every file below these directories. */
function linesIn(...directories: string[]): Set<string> {
  const lines = new Set<string>();
  for (const directory of directories) {
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      const file = join(directory, name);
      if (statSync(file).isFile()) for (const line of readFileSync(file, 'utf8').split('\n')) lines.add(line);
    }
  }
  return lines;
}

it.each([
  ['pruned', 'are seen'],
  ['pruned', 'are not seen'],
  ['taken back', 'are seen'],
  ['taken back', 'are not seen'],
] as const)(
  'no line is lost that programs write into a release that is %s, if they %s',
  { timeout: 120_000 },
  async (way, sees) => {
    sight.canSee = sees === 'are seen';
    const scene = releaseScene(state('first'), 1);
    await switchTo(scene, state('old'), 'old');
    const writers = new Writers();
    const armed = stageState(scene, state('new')).arm(HEADER);
    if (way === 'pruned') await writers.start(scene, join(scene.dir, readlinkSync(scene.root)));
    const applied = await armed.apply();
    if (way === 'taken back') await writers.start(scene, join(scene.dir, readlinkSync(scene.root)));
    const { stays } = way === 'pruned' ? applied.finish() : await applied.revert();
    if (sight.canSee) {
      const [{ programs = [] } = {}] = stays;
      expect(programs.length).toBeGreaterThan(0);
    }
    await writers.end();
    const lines = writers.lines();
    expect(lines.length).toBeGreaterThan(2);
    const rescued = join(scene.gitDir, 'snapshot/rescued');
    mkdirSync(rescued, { recursive: true });
    const found = linesIn(scene.releases, rescued);
    expect(lines.filter((line) => !found.has(line))).toEqual([]);

    // When they are gone, so is what stayed; and what they wrote is kept.
    await switchTo(scene, state('next'), 'last');
    expect(
      readdirSync(scene.releases).filter((name) => name !== '.gitignore' && !name.startsWith('rescued-')),
    ).toHaveLength(1);
    const kept = linesIn(rescued);
    expect(lines.filter((line) => !kept.has(line))).toEqual([]);
    process.stderr.write(`${way}, programs ${sees}: ${lines.length} lines; ${stays.length} stayed\n`);
  },
);
