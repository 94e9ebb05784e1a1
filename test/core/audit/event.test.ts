import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeEvent, eventNotes, summarizeEvent } from '../../../src/core/audit/describe-event.ts';
import { type AuditEvent, encodeEventMessage, parseEventMessage } from '../../../src/core/audit/event.ts';
import { utf8Decode } from '../../../src/core/byte-string.ts';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { MalformedError } from '../../../src/core/errors.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { fuzzRuns, hex, line, mutated } from '../arbitraries.ts';

const ID = '20261122T143000Z-0123456789ab';
const BASE = {
  format: 1,
  seq: 7,
  at: '2026-11-22T14:30:00Z',
  repository: 'b'.repeat(64),
  actor: 'ada',
  key: `openpgp:${'A'.repeat(40)}`,
  policy: { version: 2, digest: `sha256:${'e'.repeat(64)}` },
} as const;
const NAME = { id: ID, tag: 'd'.repeat(40) as Oid, payload: `sha256:${'c'.repeat(64)}` };

const POLICY: AuditEvent = { ...BASE, type: 'policy', commit: 'f'.repeat(40) as Oid };
const SNAPSHOT: AuditEvent = {
  ...BASE,
  type: 'snapshot',
  set: 'artifacts',
  snapshot: NAME,
  manifest: `sha256:${'a'.repeat(64)}`,
  subject: 'Tä',
  kinds: [{ kind: 'model', files: 1, bytes: 2 }],
  changes: { added: 1, modified: 0, deleted: 0 },
};
const ROLLBACK: AuditEvent = {
  ...BASE,
  type: 'rollback',
  set: 'artifacts',
  operation: '0'.repeat(32),
  action: 'restore',
  outcome: 'applied',
  to: NAME,
  from: { ...NAME, tag: '9'.repeat(64) as Oid },
  paths: ['a%20b'],
  changes: { created: 1, replaced: 2, deleted: 0, modes: 3 },
  durationMs: 12,
  reason: 'Bad weights',
};

const OTHER = { ...NAME, id: '20261121T143000Z-0123456789ab', tag: '8'.repeat(40) as Oid };
const HOLD: AuditEvent = {
  ...BASE,
  type: 'hold',
  set: 'artifacts',
  case: 'audit-7',
  snapshot: NAME,
  tag: '7'.repeat(40) as Oid,
  payload: `sha256:${'7'.repeat(64)}`,
  until: '2027-01-01T00:00:00Z',
  reason: 'Asked for',
};
const PRUNE: AuditEvent = {
  ...BASE,
  type: 'prune',
  set: 'artifacts',
  plan: `sha256:${'6'.repeat(64)}`,
  removed: [{ ...NAME, tree: '5'.repeat(40) as Oid, manifest: `sha256:${'a'.repeat(64)}`, rule: 'keepLast 3' }],
  dropped: [OTHER],
};
const ERASE: AuditEvent = {
  ...BASE,
  type: 'erase',
  set: 'artifacts',
  action: 'erase',
  snapshots: [NAME, OTHER],
  reason: 'A key leaked',
};

const message = (event: object) => `${describeEvent(event as AuditEvent)}\n\n${canonicalJson(event as never)}\n`;
const parse = (text: string) => parseEventMessage(text, 'the event');

test('an event is a line, a blank one, and canonical JSON', () => {
  const json = canonicalJson(SNAPSHOT);
  expect(utf8Decode(encodeEventMessage(SNAPSHOT))).toBe(`snapshot: artifacts/${ID}: Tä\n\n${json}\n`);
  expect(JSON.parse(json)).toEqual(SNAPSHOT);
});

test.each([
  [POLICY, 'policy: version 2', 'f'.repeat(40)],
  [SNAPSHOT, `snapshot: artifacts/${ID}: Tä`, NAME.tag],
  [ROLLBACK, `restore: artifacts to ${ID}: Bad weights`, NAME.tag],
  [
    { ...ROLLBACK, outcome: 'reverted', action: 'undo' } as AuditEvent,
    `undo taken back: artifacts to ${ID}: Bad weights`,
    NAME.tag,
  ],
  [HOLD, `hold: audit-7: artifacts/${ID} until 2027-01-01T00:00:00Z: Asked for`, NAME.tag],
  [
    {
      ...BASE,
      type: 'release',
      set: 'artifacts',
      case: 'c',
      snapshot: NAME,
      hold: NAME.payload,
      reason: 'Over',
    } as AuditEvent,
    `release: c: artifacts/${ID}: Over`,
    NAME.tag,
  ],
  [
    { ...BASE, type: 'undelete', set: 'artifacts', snapshot: NAME } as AuditEvent,
    `undelete: artifacts/${ID}`,
    NAME.tag,
  ],
])('is read back, described and placed', (event, description, object) => {
  expect(parse(utf8Decode(encodeEventMessage(event)) ?? '')).toEqual(event);
  expect(describeEvent(event)).toBe(description);
  expect(eventNotes(event)).toEqual([{ object, text: description }]);
});

test.each([
  [[], 'artifacts'],
  [['sub/release%20notes'], 'sub/release notes of artifacts'],
  [['a%0Ab'], '"a\\nb" of artifacts'],
  [['a', 'b'], '2 paths of artifacts'],
])('who reads the log is told which paths went back: %j', (paths, what) => {
  const { paths: _, ...whole } = ROLLBACK as Extract<AuditEvent, { type: 'rollback' }>;
  const event: AuditEvent = paths.length === 0 ? whole : { ...whole, paths };
  expect(summarizeEvent(event)).toBe(`restore: ${what} to ${ID}: Bad weights`);
  // What is signed stays what it was.
  expect(parse(utf8Decode(encodeEventMessage(event)) ?? '')).toEqual(event);
  expect(describeEvent(event)).toBe(`restore: artifacts to ${ID}: Bad weights`);
});

test('what concerns many snapshots has a note for each', () => {
  expect(parse(utf8Decode(encodeEventMessage(PRUNE)) ?? '')).toEqual(PRUNE);
  expect(describeEvent(PRUNE)).toBe('prune: artifacts: 1 snapshot to the trash, 1 snapshot dropped from it');
  expect(eventNotes(PRUNE)).toEqual([
    { object: NAME.tag, text: `prune: artifacts/${ID}: keepLast 3` },
    { object: OTHER.tag, text: `prune: artifacts/${OTHER.id}: dropped from the trash` },
  ]);
  expect(parse(utf8Decode(encodeEventMessage(ERASE)) ?? '')).toEqual(ERASE);
  const text = 'erase: artifacts: 2 snapshots: A key leaked';
  expect(eventNotes(ERASE)).toEqual([NAME, OTHER].map(({ tag }) => ({ object: tag, text })));
});

test('is read back whatever people wrote', () => {
  const words = fc.oneof(
    line,
    fc.string({ unit: fc.constantFrom('a', '\n', '\n\n', '{', '}', '"', '\x1b', '\u202e', '\\'), maxLength: 6 }),
  );
  fc.assert(
    fc.property(words, hex(40), (text, tag) => {
      for (const event of [
        { ...SNAPSHOT, subject: text },
        { ...ROLLBACK, reason: text, to: { ...NAME, tag } },
      ] as AuditEvent[]) {
        expect(parse(utf8Decode(encodeEventMessage(event)) ?? '')).toEqual(event);
        expect(describeEvent(event)).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
      }
    }),
    fuzzRuns(200),
  );
});

test('once changed, is refused or is another event that prints as it stands', () => {
  const changed = fc
    .constantFrom(POLICY, SNAPSHOT, ROLLBACK, HOLD, PRUNE, ERASE)
    .chain((event) => mutated(message(event)).map((text) => ({ event, text })));
  fc.assert(
    fc.property(changed, ({ event, text }) => {
      try {
        const parsed = parse(text);
        expect(message(parsed)).toBe(text);
        expect(parsed).not.toEqual(event);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
      }
    }),
    fuzzRuns(1000),
  );
});

describe('refused:', () => {
  const without = (event: object, key: string) =>
    Object.fromEntries(Object.entries(event).filter(([name]) => name !== key));

  test.each<[string, object]>([
    ['an unknown type', { ...SNAPSHOT, type: 'purge' }],
    ['no type', without(SNAPSHOT, 'type')],
    ['an unknown field', { ...SNAPSHOT, extra: 1 }],
    ['an unknown field inside', { ...SNAPSHOT, snapshot: { ...NAME, extra: 1 } }],
    ['a member named __proto__', Object.fromEntries([...Object.entries(SNAPSHOT), ['__proto__', { admin: true }]])],
    ['a field of another type of event', { ...SNAPSHOT, outcome: 'applied' }],
    ['a later format', { ...SNAPSHOT, format: 2 }],
    ['place nought', { ...SNAPSHOT, seq: 0 }],
    ['a place as text', { ...SNAPSHOT, seq: '1' }],
    ['a time with a fraction', { ...SNAPSHOT, at: '2026-11-22T14:30:00.5Z' }],
    ['a time with a zone', { ...SNAPSHOT, at: '2026-11-22T14:30:00+01:00' }],
    ['a day that is none', { ...SNAPSHOT, at: '2026-02-30T14:30:00Z' }],
    ['a key in lower case', { ...SNAPSHOT, key: `openpgp:${'a'.repeat(40)}` }],
    ['a key that is too long', { ...SNAPSHOT, key: `openpgp:${'A'.repeat(41)}` }],
    ['a key with something before', { ...SNAPSHOT, key: `x openpgp:${'A'.repeat(40)}` }],
    ['a key of another kind', { ...SNAPSHOT, key: `ssh:${'A'.repeat(40)}` }],
    ['nobody', { ...SNAPSHOT, actor: '' }],
    ['a digest of another kind', { ...SNAPSHOT, manifest: `sha512:${'a'.repeat(64)}` }],
    ['an object name of 50 digits', { ...POLICY, commit: 'f'.repeat(50) }],
    ['a set that is no name', { ...SNAPSHOT, set: '../x' }],
    ['an id that is none', { ...SNAPSHOT, snapshot: { ...NAME, id: 'latest' } }],
    ['a negative count', { ...ROLLBACK, changes: { created: -1, replaced: 0, deleted: 0, modes: 0 } }],
    ['an unknown outcome', { ...ROLLBACK, outcome: 'failed' }],
    ['an erasure of nothing', { ...ERASE, snapshots: [] }],
    ['a hold until a day', { ...HOLD, until: '2027-01-01' }],
    ['a case that is no name', { ...HOLD, case: 'A 7' }],
    ['a tombstone without a rule', { ...PRUNE, removed: [NAME] }],
    ['null for what is not there', { ...ROLLBACK, reason: null }],
    // The first snapshot has nothing that it could have changed.
    ...Object.keys(SNAPSHOT)
      .filter((key) => key !== 'changes')
      .map((key): [string, object] => [`no ${key}`, without(SNAPSHOT, key)]),
  ])('%s', (_, event) => {
    // The first line is of a well-formed event: only the JSON can be at fault.
    const first = describeEvent({ ...SNAPSHOT, ...event, type: 'policy' } as unknown as AuditEvent);
    const lines = [first, ...[POLICY, SNAPSHOT, ROLLBACK, HOLD, PRUNE, ERASE].map(describeEvent)];
    for (const text of lines)
      expect(() => parse(`${text}\n\n${canonicalJson(event as never)}\n`)).toThrow(MalformedError);
  });

  const good = message(SNAPSHOT);
  test.each([
    ['nothing', ''],
    ['the line alone', 'policy: version 2\n'],
    ['the JSON alone', `${canonicalJson(SNAPSHOT)}\n`],
    ['no line', `\n\n${canonicalJson(SNAPSHOT)}\n`],
    ['another line', good.replace('snapshot:', 'Snapshot:')],
    ['another subject', good.replace('Tä', 'Te')],
    ['no line feed at the end', good.slice(0, -1)],
    ['another character at the end', `${good.slice(0, -1)} `],
    ['two line feeds at the end', `${good}\n`],
    ['more blank lines', good.replace('\n\n', '\n\n\n')],
    ['a space in the JSON', good.replace('":', '": ')],
    ['keys in another order', good.replace(/"actor":"ada",(.*)}\n/, '$1,"actor":"ada"}\n')],
    ['no JSON', 'policy: version 2\n\nhello\n'],
    ['an array', 'policy: version 2\n\n[]\n'],
    ['null', 'policy: version 2\n\nnull\n'],
    ['carriage returns', good.replaceAll('\n', '\r\n')],
  ])('%s', (_, text) => {
    expect(text).not.toBe(good);
    expect(() => parse(text)).toThrow(MalformedError);
  });

  test('megabytes, at once', () => {
    for (const part of ['\n', '\n\n', '[', '{"a":', '"', 'a', '\n\n{']) {
      const long = part.repeat(1_000_000 / part.length);
      expect(() => parse(long)).toThrow(MalformedError);
      expect(() => parse(good.replace('\n\n', `\n\n${long}`))).toThrow(MalformedError);
    }
  });
});
