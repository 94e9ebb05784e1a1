import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fsck } from '../support/governed-repo.ts';
import type { Scene, Stage } from './scene.ts';
import { isSame, type States, stateOf } from './state.ts';
import type { Ended } from './strace/run-traced.ts';

/** What becomes of a rollback that is left unfinished. */
export type Way = '--continue' | '--abort';

/** What a fault left behind, before anybody did anything about it. */
export interface Outcome {
  readonly left: 'old' | 'new' | 'between' | 'unfinished';
  /** Whether the program lived to say what was wrong. */
  readonly said: boolean;
  /** Lock files that had to be removed by hand, as the message said. */
  readonly locks: number;
}

/** A command that has met a fault. */
export interface Case {
  /** The fault, for messages. */
  readonly what: string;
  readonly scene: Scene;
  readonly states: States;
  readonly stage: Stage;
  readonly way: Way;
  /** Whether the program was to die. */
  readonly isKilled: boolean;
  readonly ended: Ended;
}

/** Looks at what a fault left, recovers as a user would, and looks again. @throws with all that helps to find out why */
export async function judge(one: Case): Promise<Outcome> {
  const { ended, isKilled } = one;
  try {
    const said = ended.code !== null;
    if (isKilled) expect(said).toBe(false);
    else expectHonest(ended, one.scene);
    const left = await leftBehind(one);
    if (left === 'new') await expectAtRest(one);
    const locks = await recover(one, left);
    return { left, said: said && ended.code !== 0, locks };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const said = `${ended.code} ${ended.stdout}${ended.stderr}`;
    throw new Error(`${one.scene.words.join(' ')}: ${one.what}: ${reason}\n${said}`, { cause: error });
  }
}

/** An error is one for people: named, with what to do, and never a bug. */
function expectHonest({ code, stderr }: Ended, { verdict }: Scene): void {
  expect(stderr).not.toMatch(/^ {4}at /m);
  if (code === verdict) return;
  expect([0, 3, 5, 8, 9]).toContain(code);
  if (code === 0) return;
  expect(stderr).toMatch(/^error: \S/m);
  expect(stderr).toMatch(/^hint: \S/m);
}

/**
 * What a fault left, as it is once any command of ours has looked at it: that ends a ref transaction whose git died between two
 * refs. Anything but one of the two states must be an unfinished rollback, or a step of several.
 */
async function leftBehind({ states, scene, stage, ended }: Case): Promise<Outcome['left']> {
  const status = await stage.repo.run(['snapshot', 'status', '--json']);
  const found = withoutProbe(stateOf(stage));
  for (const dir of stage.repositories.values()) expect(fsck(dir)).toBe('');
  const isUnfinished =
    status.stdout !== '' && (JSON.parse(status.stdout) as { rollbackInProgress: boolean }).rollbackInProgress;
  if (isSame(found, states.new) && !isUnfinished) return 'new';
  // Who is told that it is done may rely on it.
  expect(ended.code).not.toBe(0);
  // Everything may be in place and recorded, and the old files still be there.
  if (isUnfinished) return 'unfinished';
  if (isSame(found, states.old)) return 'old';
  // The directory is whole, whatever else there is.
  const directories = [states.old.directory, states.new.directory];
  expect(directories).toContainEqual(found.directory);
  if (scene.steps !== 'many') expect([states.old, states.new]).toContainEqual(found);
  return 'between';
}

/**
 * Without the empty directory by which a rollback sees whether it can rename into the set's directory, before it changes anything
 * there. No snapshot and no `status` takes it for content, and the next rollback removes it.
 */
function withoutProbe(state: ReturnType<typeof stateOf>): ReturnType<typeof stateOf> {
  return { ...state, directory: state.directory.filter((line) => !/^dir \.git-snapshot-[0-9a-f]+-probe$/.test(line)) };
}

/** Does what the messages say, until the command has done what it was to do. */
async function recover({ scene, states, stage, way }: Case, left: Outcome['left']): Promise<number> {
  const locks: string[] = [];
  const run = async (words: readonly string[], codes: readonly number[]) => {
    for (;;) {
      const ended = await stage.repo.run(words);
      const lock = /holds the lock '(.*)'/.exec(ended.stderr)?.[1];
      if (lock === undefined || locks.includes(lock)) {
        expect(codes, `${words.join(' ')}: ${ended.stdout}${ended.stderr}`).toContain(ended.code);
        return;
      }
      locks.push(lock);
      rmSync(lock);
    }
  };
  if (left === 'unfinished') {
    await run(['snapshot', 'create', '-m', 'not now'], [9]);
    await run(['rollback', way], [0]);
    const expected = way === '--abort' ? states.old : states.new;
    expect(stateOf(stage).directory).toEqual(expected.directory);
  }
  const isToRun =
    left === 'unfinished'
      ? way === '--abort' || scene.goesOn !== undefined
      : left !== 'new' || scene.once === undefined;
  if (isToRun) await run(scene.words, [0, ...(left === 'old' ? [] : (scene.whenDone ?? []))]);
  if (scene.purge !== undefined) {
    await run(scene.purge.words, [0]);
    for (const oid of scene.purge.objects) expect(() => stage.repo.git('cat-file', '-e', oid), oid).toThrow();
  }
  await expectSound(stage);
  await expectAtRest({ scene, stage });
  const { directory, refs } = stateOf(stage);
  expect(directory).toEqual(states.new.directory);
  expect(refs.filter((line) => !isEvent(line))).toEqual(states.new.refs.filter((line) => !isEvent(line)));
  return locks.length;
}

/** After a rollback, whoever asks for nothing in particular stays where it went. */
async function expectAtRest({ scene, stage }: Pick<Case, 'scene' | 'stage'>): Promise<void> {
  if (scene.words[0] !== 'rollback') return;
  const { stdout, stderr } = await stage.repo.run(['rollback', '--yes', '--json']);
  expect(stdout, stderr).toContain('"outcome":"nothing-to-do"');
}

const isEvent = (line: string) => / event \d+ /.test(line);

/** Log, refs and content agree, and nothing is in anybody's way. */
async function expectSound({ repo, repositories }: Stage): Promise<void> {
  const log = await repo.run(['snapshot', 'log', '--verify', '--json']);
  expect(JSON.parse(log.stdout)).toMatchObject({ ok: true, findings: [] });
  const verified = await repo.run(['snapshot', 'verify', '--all', '--json']);
  expect([0, 4], verified.stdout + verified.stderr).toContain(verified.code);
  for (const dir of repositories.values()) {
    expect(fsck(dir)).toBe('');
    // Our own locks of sets say who has them: those of the dead are taken over.
    const names = ['(', '-name', '*.lock', '-o', '-name', '.git-snapshot-*', ')', '!', '-path', './.git/snapshot/*'];
    const left = execFileSync('find', ['.', ...names], { cwd: dir });
    expect(left.toString(), 'left behind').toBe('');
  }
  expect(abandonedCopies(repo.dir), 'left behind').toEqual([]);
}

/** Copies for rehearsals that the next rehearsal will not remove. One that nobody has owned yet is empty; it goes when it is old. */
function abandonedCopies(dir: string): string[] {
  const home = join(dir, '.git/snapshot/rehearsal');
  if (!existsSync(home)) return [];
  return readdirSync(home).filter((name) => !(name.endsWith('.new') && isAlmostEmpty(join(home, name))));
}

/** The file that says whose it is may be there, and is cut short then. */
const isAlmostEmpty = (copy: string) =>
  readdirSync(copy).every((name) => name === 'owner' && statSync(join(copy, name)).size < 20);
