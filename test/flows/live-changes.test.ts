import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { governedRepo } from '../support/governed-repo.ts';

interface Diff {
  readonly changes: readonly { readonly status: string; readonly path: string; readonly modeOnly?: boolean }[];
}

// Names whose order differs from that of the directories they are in: '-' and '.' come before '/', '0' after it.
const PATHS = ['a', 'd/x', 'd/y', 'd-e', 'd.f', 'd0/x', 'd/d/x', 'd/d-/x', 'z/z/z/z'];

const edit = fc.record({
  path: fc.constantFrom(...PATHS),
  what: fc.constantFrom('write', 'same', 'chmod', 'remove', 'executable'),
});

/** Every file below a directory with its permission bits and content, seen by nobody's code but this. */
function look(root: string): Map<string, { bits: number; content: string }> {
  const found = new Map<string, { bits: number; content: string }>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const { mode } = statSync(file);
    found.set(file.slice(root.length + 1), { bits: mode & 0o777, content: `${statSync(file).size}` });
  }
  return found;
}

it('tells exactly what changed, though it reads only the trees that differ', async () => {
  const repo = await governedRepo();
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 5 }), async (edits) => {
      rmSync(repo.root, { recursive: true, force: true });
      for (const path of PATHS) {
        mkdirSync(join(repo.root, path, '..'), { recursive: true });
        writeFileSync(join(repo.root, path), path, { mode: 0o644 });
      }
      await repo.run(['snapshot', '-m', 'all']);
      const before = look(repo.root);
      for (const [i, { path, what }] of edits.entries()) {
        const file = join(repo.root, path);
        // Contents of different lengths, so that a length tells them apart.
        if (what === 'write') writeFileSync(file, '.'.repeat(100 + i));
        else if (what === 'same') writeFileSync(file, path);
        else if (what === 'remove') rmSync(file, { force: true });
        else if (before.has(path)) {
          writeFileSync(file, '', { flag: 'a' });
          chmodSync(file, what === 'chmod' ? 0o600 : 0o755);
        }
      }
      const after = look(repo.root);
      const expected = [...before].flatMap(([path, was]) => {
        const is = after.get(path);
        if (is === undefined) return [`D ${path}`];
        if (is.content !== was.content) return [`M ${path}`];
        return is.bits === was.bits ? [] : [`P ${path}`];
      });
      const { changes } = JSON.parse((await repo.run(['snapshot', 'diff', '--json'])).stdout) as Diff;
      const files = changes.filter(({ path }) => before.has(path));
      const told = files.map(({ status, path, modeOnly }) => `${modeOnly === true ? 'P' : status} ${path}`);
      expect(told.sort()).toEqual(expected.sort());
      // What is not a file that was there can only be a directory that lost its last one.
      expect(changes.filter(({ path }) => !before.has(path)).every(({ status }) => status === 'A')).toBe(true);
    }),
    { numRuns: 25 },
  );
});
