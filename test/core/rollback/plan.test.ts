import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../../src/core/errors.ts';
import { type LiveEntry, planRollback, type RollbackPlan, type TargetEntry } from '../../../src/core/rollback/plan.ts';
import type { FileStat } from '../../../src/core/workdir.ts';
import { nameContent } from '../../support/directory-state.ts';

const DIR = 0o040000;
const LINK = 0o120000;

function stat(mode: number, nlink = 1): FileStat {
  return { ctimeSec: 1, ctimeNsec: 0, mtimeSec: 1, mtimeNsec: 0, dev: 1, ino: 1, uid: 0, gid: 0, size: 1, mode, nlink };
}

const live = (path: string, content = 'x', mode = 0o100644, nlink = 1): LiveEntry => ({
  path,
  mode,
  oid: nameContent(content),
  size: content.length,
  stat: stat(mode, nlink),
});
const target = (path: string, content = 'x', mode = 0o100644): TargetEntry => ({
  path,
  mode,
  oid: nameContent(content),
  size: 1,
});

function plan(before: LiveEntry[], after: TargetEntry[], excluded: string[] = [], paths?: string[]): RollbackPlan {
  return planRollback({ live: before, target: after, excluded, paths });
}
const steps = (of: RollbackPlan) => of.steps.map(({ kind, path }) => `${kind} ${path}`);

describe('planRollback', () => {
  it('takes a new directory, and one that goes, as one step each', () => {
    const result = plan(
      [live('old/a'), live('old/b/c')],
      [target('new/a'), target('new/b/c'), target('new/e', '', DIR)],
    );
    expect(steps(result)).toEqual(['remove old', 'create new']);
    expect(result.counts).toEqual({ created: 3, replaced: 0, deleted: 2, modes: 0 });
  });

  it('changes permissions in place, but not of a file that has another name', () => {
    const before = [live('a'), live('b', 'x', 0o100644, 2)];
    const result = plan(before, [target('a', 'x', 0o100755), target('b', 'x', 0o100755)]);
    expect(steps(result)).toEqual(['replace b', 'chmod a']);
  });

  it('turns files into directories and back, removing first', () => {
    const result = plan([live('a'), live('b/c')], [target('a/x'), target('b')]);
    expect(steps(result)).toEqual(['remove a', 'remove b', 'create a', 'create b']);
  });

  it('keeps a directory that holds something excluded, and nothing of it but that', () => {
    const result = plan([live('a/x/1'), live('a/y')], [], ['a/x/keep']);
    expect(steps(result)).toEqual(['remove a/x/1', 'remove a/y']);
    expect(result.conflicts).toEqual([]);
  });

  it.each([
    ['the path itself', 'keep', 'keep'],
    ['a directory above it', 'keep/x', 'keep'],
    ['something below it', 'd', 'd/keep'],
  ])('names a conflict when %s is excluded', (_, path, excluded) => {
    expect(plan([], [target(path)], [excluded]).conflicts).toEqual([{ path, obstacle: excluded, reason: 'excluded' }]);
  });

  it('leaves other paths alone when some are asked for', () => {
    const before = [live('a/1', 'old'), live('b', 'old'), live('c')];
    const result = plan(before, [target('a/1', 'new'), target('a/2', 'new'), target('b', 'new')], [], ['a']);
    expect(steps(result)).toEqual(['replace a/1', 'create a/2']);
    expect(result.result.map(({ path }) => path)).toEqual(['a/1', 'a/2', 'b', 'c']);
  });

  it('names a conflict when a path that was not asked for is in the way', () => {
    const result = plan([live('a')], [target('a/b')], [], ['a/b']);
    expect(result.conflicts).toEqual([{ path: 'a/b', obstacle: 'a', reason: 'not-selected' }]);
    expect(result.steps).toEqual([]);
  });

  it('leaves an empty directory where the snapshot has one', () => {
    const result = plan([live('a/b')], [target('a', '', DIR)], [], ['a/b']);
    expect(steps(result)).toEqual(['remove a/b']);
  });

  it.each([
    ['a name that climbs', [target('../x')]],
    ['a repository', [target('a/.git/config')]],
    ['a repository by another name', [target('GIT~1/config')]],
    ['an empty name', [target('a//b')]],
    ['an absolute path', [target('/etc/passwd')]],
    ['a link with something below it', [target('a', 'x', LINK), target('a/b')]],
    ['an empty directory with something in it', [target('a', '', DIR), target('a/b')]],
    ['a wrong order', [target('b'), target('a')]],
    ['the same path twice', [target('a'), target('a', 'y')]],
    ['a submodule', [target('a', 'x', 0o160000)]],
  ])('refuses %s', (_, after) => {
    expect(() => plan([], after)).toThrow(MalformedError);
  });
});

// A tree of few names, so that files meet directories.
const name = fc.constantFrom('a', 'b', 'a-b', 'a.c');
const content = fc.record({
  content: fc.constantFrom('1', '2'),
  mode: fc.constantFrom(0o100644, 0o100755, LINK, DIR),
});
const entries = fc
  .array(fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), content), { maxLength: 12 })
  .map((list) => {
    const found = new Map<string, { content: string; mode: number }>();
    for (const [names, what] of list) {
      const path = names.join('/');
      const clash = [...found.keys()].some(
        (other) => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`),
      );
      if (!clash) found.set(path, what);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  });

type Model = Map<string, string>;

/** Does what a file system would do for a step, and what it would refuse. */
function apply(model: Model, dirs: Set<string>, of: RollbackPlan): void {
  const show = (entry: { oid: string; mode: number }) =>
    entry.mode === DIR ? 'dir' : `${entry.mode.toString(8)} ${entry.oid}`;
  const above = (path: string) =>
    path
      .split('/')
      .slice(0, -1)
      .map((_, k, names) => names.slice(0, k + 1).join('/'));
  const addDirs = (path: string) => {
    for (const dir of above(path)) dirs.add(dir);
  };
  for (const step of of.steps) {
    const below = `${step.path}/`;
    for (const dir of above(step.path)) expect(dirs, `parent of ${step.path}`).toContain(dir);
    if (step.kind === 'create') {
      expect(model.has(step.path) || dirs.has(step.path), `${step.path} is free`).toBe(false);
      for (const entry of step.entries) {
        expect(entry.path === step.path || (step.tree && entry.path.startsWith(below))).toBe(true);
        addDirs(entry.path);
        if (entry.mode === DIR) dirs.add(entry.path);
        else model.set(entry.path, show(entry));
      }
      if (step.tree) expect(dirs).toContain(step.path);
    } else if (step.kind === 'remove') {
      const gone = [...model.keys()].filter((path) => path === step.path || path.startsWith(below));
      const known = step.was.filter(({ mode }) => mode !== DIR).map(({ path }) => path);
      expect(known.sort(), 'all that goes is known').toEqual(gone.sort());
      for (const path of gone) model.delete(path);
      for (const dir of [...dirs]) if (dir === step.path || dir.startsWith(below)) dirs.delete(dir);
    } else {
      expect(model.has(step.path)).toBe(true);
      model.set(step.path, show(step.entry));
    }
  }
  for (const dir of dirs) {
    if (![...model.keys(), ...dirs].some((path) => path.startsWith(`${dir}/`))) model.set(dir, 'dir');
  }
}

function modelOf(list: readonly { path: string; mode: number; oid: string }[]): { model: Model; dirs: Set<string> } {
  const model: Model = new Map();
  const dirs = new Set<string>();
  for (const { path, mode, oid } of list) {
    const names = path.split('/');
    names.pop();
    for (let k = 1; k <= names.length; k++) dirs.add(names.slice(0, k).join('/'));
    if (mode === DIR) dirs.add(path);
    else model.set(path, `${mode.toString(8)} ${oid}`);
  }
  return { model, dirs };
}

const asLive = (list: [string, { content: string; mode: number }][]) =>
  list.map(([path, what]) => live(path, what.content, what.mode));
const asTarget = (list: [string, { content: string; mode: number }][]) =>
  list.map(([path, what]) => target(path, what.mode === DIR ? '' : what.content, what.mode));

describe('a plan', () => {
  it('makes the target, and nothing else, of any directory', () => {
    fc.assert(
      fc.property(entries, entries, (before, after) => {
        const { model, dirs } = modelOf(asLive(before));
        apply(model, dirs, plan(asLive(before), asTarget(after)));
        const wanted = modelOf(asTarget(after)).model;
        for (const { path, mode } of asTarget(after)) if (mode === DIR) wanted.set(path, 'dir');
        expect([...model].sort()).toEqual([...wanted].sort());
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps what is excluded, and reaches the target where nothing is in conflict', () => {
    fc.assert(
      fc.property(entries, entries, fc.nat(), (before, after, pick) => {
        const chosen = before[pick % Math.max(1, before.length)]?.[0];
        const excluded = chosen === undefined ? [] : [chosen];
        const scanned = before.filter(([path]) => path !== chosen);
        const result = plan(asLive(scanned), asTarget(after), excluded);
        if (result.conflicts.length > 0) return;
        const { model, dirs } = modelOf(asLive(before));
        apply(model, dirs, result);
        for (const { path, mode, oid } of asTarget(after)) {
          if (mode !== DIR) expect(model.get(path)).toBe(`${mode.toString(8)} ${oid}`);
        }
        if (chosen !== undefined) expect(model.has(chosen) || dirs.has(chosen)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('has no steps when nothing differs', () => {
    fc.assert(
      fc.property(entries, (same) => {
        expect(plan(asLive(same), asTarget(same)).steps).toEqual([]);
      }),
    );
  });

  it('of some paths reaches just what it says', () => {
    fc.assert(
      fc.property(entries, entries, fc.array(name, { minLength: 1, maxLength: 2 }), (before, after, names) => {
        const result = plan(asLive(before), asTarget(after), [], [names.join('/')]);
        if (result.conflicts.length > 0) return;
        const { model, dirs } = modelOf(asLive(before));
        apply(model, dirs, result);
        const wanted = modelOf(result.result).model;
        for (const { path, mode } of result.result) if (mode === DIR) wanted.set(path, 'dir');
        expect([...model].sort()).toEqual([...wanted].sort());
      }),
      { numRuns: 2000 },
    );
  });
});
