import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type ByteString, fromByteArray } from '../../src/core/byte-string.ts';
import type { Person } from '../../src/core/git/person.ts';
import type { ObjectFormat, ObjectType, Oid } from '../../src/core/oid.ts';
import { refuseEntryName } from '../../src/core/paths.ts';
import { type Label, sortLabels } from '../../src/core/snapshot/label.ts';
import { snapshotId } from '../../src/core/snapshot/manifest.ts';
import { type FileModes, isExecutable } from '../../src/core/snapshot/modes.ts';
import type { SnapshotTag } from '../../src/core/snapshot/snapshot-tag.ts';

/** How often a property is tried: `usual`, or FUZZ_TIMES as often. */
export function fuzzRuns(usual: number): { numRuns: number } {
  return { numRuns: usual * Number(process.env['FUZZ_TIMES'] ?? 1) };
}

/** What git calls an object with these bytes. */
export function nameOf(type: ObjectType, body: ByteString, format: ObjectFormat): Oid {
  const bytes = Buffer.from(`${type} ${body.length}\0${body}`, 'latin1');
  return createHash(format.name).update(bytes).digest('hex') as Oid;
}

export function bytes(constraints: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<ByteString> {
  return fc.uint8Array(constraints).map(fromByteArray);
}

export function hex(length: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
}

export function oid(format: ObjectFormat): fc.Arbitrary<Oid> {
  return hex(format.hexLength).map((text) => text as Oid);
}

const NAME_PARTS = [
  'a',
  'a',
  'b',
  '.',
  '-',
  '0',
  ' ',
  '~',
  '\\',
  '\n',
  '\r',
  '"',
  '*',
  '\x01',
  '\x7f',
  '\x80',
  '\xc3\xa9',
  '\xff',
];

/** A name that may stand in a snapshot; few letters, so that names collide and are prefixes of each other. */
export const pathName: fc.Arbitrary<ByteString> = fc
  .array(fc.constantFrom(...NAME_PARTS), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((name) => refuseEntryName(name, 0o040000) === undefined);

export const bytePath: fc.Arbitrary<ByteString> = fc
  .array(pathName, { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'));

const WORDS = [
  'a',
  'Z',
  '0',
  ' ',
  'ä',
  '日本',
  '🎉',
  '"',
  '\\',
  ':',
  '=',
  '-----BEGI',
  'Label: x',
  "it's",
  '%41',
  '#',
  '\u0301',
];

/** A line that may be signed. */
export const line: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 8 })
  .map((words) => words.join('').trim())
  .filter((text) => text !== '' && !text.startsWith('-----BEGIN '));

const body: fc.Arbitrary<string | undefined> = fc.option(
  fc
    .array(fc.oneof(line, fc.constantFrom('', '', '  indented', '\ttab', 'Files: 7', 'Snapshot-Format: 1')), {
      minLength: 1,
      maxLength: 6,
    })
    .map((lines) => lines.join('\n').replace(/^\n+/, '').trimEnd())
    .filter((text) => text !== ''),
  { nil: undefined },
);

/** Seconds of the years that ids have room for. */
export const atSec: fc.Arbitrary<number> = fc.integer({ min: 0, max: 253_402_300_799 });

export const person: fc.Arbitrary<Person> = fc.record({
  name: line.filter((text) => !/^\s|\s$/.test(text)),
  email: fc.constantFrom('ada@example.org', 'ü@example.org', 'x', ''),
  atSec,
});

export const label: fc.Arbitrary<Label> = fc.record({
  key: fc.constantFrom('a', 'auto', 'team/x', '0', 'a.b_c-d'),
  value: fc.oneof(line, fc.constantFrom('x=y', '=', 'none')),
});

const modes: fc.Arbitrary<FileModes> = fc
  .record({
    plain: fc.constantFrom(0o644, 0o664, 0o600, 0o4),
    executable: fc.constantFrom(0o755, 0o775, 0o700, 0o100),
    others: fc.uniqueArray(fc.record({ path: bytePath, permissions: fc.integer({ min: 0, max: 0o777 }) }), {
      selector: ({ path }) => path,
      maxLength: 3,
    }),
  })
  .map(({ plain, executable, others }) => ({
    plain,
    executable,
    others: others
      .filter(({ permissions }) => permissions !== (isExecutable(permissions) ? executable : plain))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  }));

const context = fc.uniqueArray(fc.record({ name: fc.constantFrom('Host', 'CI', 'Run', 'A-b-9'), value: line }), {
  selector: ({ name }) => name,
  maxLength: 3,
});

/** All that a snapshot's tag can say. */
export function snapshotTag(format: ObjectFormat): fc.Arbitrary<SnapshotTag> {
  return fc
    .record({
      set: fc.constantFrom('artifacts', 'a', '0.x_y-z'),
      tree: oid(format),
      tagger: person,
      subject: line,
      body,
      repository: hex(64),
      path: bytePath,
      manifest: hex(64),
      files: fc.nat(),
      bytes: fc.integer({ min: 0, max: 999_999_999_999_999 }),
      previous: fc.option(hex(64), { nil: undefined }),
      source: fc.option(fc.record({ commit: oid(format), dirty: fc.boolean() }), { nil: undefined }),
      policy: fc.record({ version: fc.integer({ min: 1, max: 999_999_999 }), digest: hex(64) }),
      audit: fc.option(oid(format), { nil: undefined }),
      labels: fc.array(label, { maxLength: 3 }).map(sortLabels),
      modes,
      context,
    })
    .map((tag) => ({ ...tag, id: snapshotId(tag.tagger.atSec, tag.manifest) }));
}

/** Bytes with one small thing changed: a byte put in, out or over, or a line twice, away, or in another place. */
export function mutated(original: ByteString): fc.Arbitrary<ByteString> {
  const at = fc.nat(original.length - 1);
  const byte = fc.oneof(bytes({ minLength: 1, maxLength: 1 }), fc.constantFrom('\n', ' ', '\r', '\0', '0', '+', '-'));
  const lines = original.split('\n');
  const lineAt = fc.nat(lines.length - 1);
  return fc
    .oneof(
      fc.tuple(at, byte).map(([i, c]) => original.slice(0, i) + c + original.slice(i + 1)),
      fc.tuple(at, byte).map(([i, c]) => original.slice(0, i) + c + original.slice(i)),
      at.map((i) => original.slice(0, i) + original.slice(i + 1)),
      at.map((i) => original.slice(0, i)),
      lineAt.map((i) => lines.toSpliced(i, 0, lines[i] ?? '').join('\n')),
      lineAt.map((i) => lines.toSpliced(i, 1).join('\n')),
      fc.tuple(lineAt, lineAt).map(([i, j]) =>
        lines
          .toSpliced(i, 1)
          .toSpliced(j, 0, lines[i] ?? '')
          .join('\n'),
      ),
    )
    .filter((text) => text !== original);
}
