import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePaths, fileType } from '../../../src/core/entry.ts';
import { describeModes, isExecutable, modeResolver } from '../../../src/core/snapshot/modes.ts';
import { bytePath, fuzzRuns } from '../arbitraries.ts';

const files = (...modes: number[]) => modes.map((mode, i) => ({ path: `f${i}`, mode: 0o100000 | mode }));

/** The mode of the same entry in a git tree. */
function treeMode(mode: number): number {
  if (fileType(mode) !== 0o100000) return mode;
  return isExecutable(mode) ? 0o100755 : 0o100644;
}

test('modes come back from what git keeps and what is written down', () => {
  const mode = fc.oneof(
    fc.integer({ min: 0, max: 0o777 }).map((bits) => 0o100000 | bits),
    fc.constantFrom(0o120000, 0o040000, 0o100644, 0o100664),
  );
  const entries = fc
    .uniqueArray(fc.record({ path: bytePath, mode }), { selector: ({ path }) => path, maxLength: 40 })
    .map((some) => some.sort(comparePaths));
  fc.assert(
    fc.property(entries, (some) => {
      const modes = describeModes(some);
      const modeOf = modeResolver(modes);
      for (const each of some) expect(modeOf(each.path, treeMode(each.mode))).toBe(each.mode);
      expect(isExecutable(modes.plain)).toBe(false);
      expect(isExecutable(modes.executable)).toBe(true);
      expect(modes.others.map(({ path }) => path)).toEqual(modes.others.map(({ path }) => path).toSorted());
    }),
    fuzzRuns(200),
  );
});

describe('describeModes', () => {
  test('without files says 644 and 755', () => {
    expect(describeModes([])).toEqual({ plain: 0o644, executable: 0o755, others: [] });
    expect(
      describeModes([
        { path: 'l', mode: 0o120000 },
        { path: 'd', mode: 0o040000 },
      ]),
    ).toEqual(describeModes([]));
  });

  test('names the commonest of each kind, and the files that differ', () => {
    expect(describeModes(files(0o664, 0o664, 0o644, 0o775, 0o700, 0o775))).toEqual({
      plain: 0o664,
      executable: 0o775,
      others: [
        { path: 'f2', permissions: 0o644 },
        { path: 'f4', permissions: 0o700 },
      ],
    });
  });

  test('among equals takes the usual one, else the lower, in whatever order they come', () => {
    const modes = [0o664, 0o600, 0o644, 0o400];
    for (let turn = 0; turn < modes.length; turn++) {
      const turned = [...modes.slice(turn), ...modes.slice(0, turn)];
      expect(describeModes(files(...turned)).plain).toBe(0o644);
      expect(describeModes(files(...turned.filter((mode) => mode !== 0o644))).plain).toBe(0o400);
    }
  });
});
