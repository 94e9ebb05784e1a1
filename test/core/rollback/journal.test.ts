import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { formatJournal, type Journal } from '../../../src/core/rollback/journal.ts';
import { parseJournal } from '../../../src/core/rollback/parse-journal.ts';

const count = fc.nat();
const mark = fc.record({ mtimeSec: fc.integer(), mtimeNsec: count, size: count, ino: count });
const oid = fc.constantFrom('0123456789'.repeat(4) as Oid, 'abcdef01'.repeat(8) as Oid);
const name = fc
  .string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 8,
  })
  .filter((text) => !/[/.~\\:]/.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const journals: fc.Arbitrary<Journal> = fc.record({
  operation: fc.constant('00ff00ff'),
  set: fc.constant('artifacts'),
  from: fc.option(fc.string(), { nil: undefined }),
  to: fc.string(),
  startedAtSec: count,
  context: fc.dictionary(fc.string(), fc.string()),
  root: path.map((below) => `/${below}`),
  staging: path.map((below) => `/${below}`),
  madeDirs: fc.array(path.map((below) => `/${below}`)),
  stagedBefore: fc.record({ sec: count, nsec: count }),
  steps: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('remove' as const),
        path,
        tree: fc.boolean(),
        was: fc.array(fc.record({ path, oid })),
      }),
      fc.record({ kind: fc.constant('create' as const), path, tree: fc.boolean(), mark }),
      fc.record({ kind: fc.constant('replace' as const), path, was: mark, oid, mark }),
      fc.record({ kind: fc.constant('chmod' as const), path, mark, from: count, to: count }),
    ),
  ),
});

describe('a journal', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(journals, (journal) => {
        const text = formatJournal(journal);
        const read = parseJournal(text, 'j') as Journal;
        expect(formatJournal(read)).toBe(text);
        expect(read.steps).toEqual(journal.steps);
      }),
    );
  });

  it('is refused when it was cut short or altered, never guessed at', () => {
    fc.assert(
      fc.property(journals, fc.nat(), (journal, at) => {
        const text = formatJournal(journal);
        expect(() => parseJournal(text.slice(0, at % text.length), 'j')).toThrow(SnapshotError);
      }),
    );
    const text = formatJournal(fc.sample(journals, 1)[0] as Journal);
    for (const other of [
      text.replace('"format":1', '"format":2'),
      text.replace('"set"', '"sat"'),
      text.replace('{', '{"extra":1,'),
      `${text} `,
    ]) {
      expect(() => parseJournal(other, 'j')).toThrow(SnapshotError);
    }
  });

  it.each(['', '0123', 'A'.repeat(40), '0'.repeat(41)])('does not accept %j for what the backup has', (bad) => {
    const whole = fc.sample(journals, 1)[0] as Journal;
    const text = (oid: string) =>
      formatJournal({
        ...whole,
        steps: [{ kind: 'remove', path: 'a', tree: false, was: [{ path: 'a', oid: oid as Oid }] }],
      });
    expect((parseJournal(text('0'.repeat(40)), 'j') as Journal).steps).toHaveLength(1);
    expect(() => parseJournal(text(bad), 'j')).toThrow(SnapshotError);
  });

  it.each(['../../etc', 'a/../b', '.git/config', '/etc'])('does not accept the path %s', (bad) => {
    const text = formatJournal({
      ...(fc.sample(journals, 1)[0] as Journal),
      steps: [{ kind: 'create', path: bad, tree: false, mark: { mtimeSec: 0, mtimeNsec: 0, size: 0, ino: 0 } }],
    });
    expect(() => parseJournal(text, 'j')).toThrow(SnapshotError);
  });
});
