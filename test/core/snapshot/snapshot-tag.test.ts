import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ByteString } from '../../../src/core/byte-string.ts';
import { MalformedError } from '../../../src/core/errors.ts';
import { type Oid, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { snapshotId } from '../../../src/core/snapshot/manifest.ts';
import {
  encodeSnapshotPayload,
  isContext,
  parseSnapshotTag,
  type SnapshotTag,
} from '../../../src/core/snapshot/snapshot-tag.ts';
import { runTool, tempGnupg } from '../../support/gnupg.ts';
import { tempRepo } from '../../support/temp-repo.ts';
import { fuzzRuns, mutated, snapshotTag } from '../arbitraries.ts';

const ARMOR = '-----BEGIN PGP SIGNATURE-----\n\niQABCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n';
const AT = 1_795_357_800;
const MANIFEST = '0123456789abcdef'.repeat(4);

const FULL: SnapshotTag = {
  set: 'artifacts',
  id: snapshotId(AT, MANIFEST),
  tree: 'a'.repeat(40) as Oid,
  tagger: { name: 'Ådä', email: 'ada@example.org', atSec: AT },
  subject: 'Weights of November',
  body: 'Why not.\n\nLabel: no=label',
  repository: 'b'.repeat(64),
  path: 'art \xff',
  manifest: MANIFEST,
  files: 12,
  bytes: 0,
  previous: 'c'.repeat(64),
  source: { commit: 'd'.repeat(40) as Oid, dirty: true },
  policy: { version: 3, digest: 'e'.repeat(64) },
  audit: 'f'.repeat(40) as Oid,
  labels: [
    { key: 'team', value: 'a=b' },
    { key: 'team', value: 'c' },
  ],
  modes: {
    plain: 0o644,
    executable: 0o755,
    others: [
      { path: 'a b%', permissions: 0o600 },
      { path: 'c\n', permissions: 0o711 },
    ],
  },
  context: [
    { name: 'Host', value: 'build 7' },
    { name: 'CI', value: 'true' },
  ],
};

const BARE: SnapshotTag = {
  ...FULL,
  body: undefined,
  previous: undefined,
  source: undefined,
  audit: undefined,
  labels: [],
  modes: { plain: 0o664, executable: 0o775, others: [] },
  context: [],
};

const parse = (object: ByteString, format = SHA1) => parseSnapshotTag(object, format, 'the tag');
const print = (tag: SnapshotTag) => encodeSnapshotPayload(tag) + ARMOR;

/** Parses; undefined where it is refused as malformed. Any other error is passed on. */
function parseOrRefuse(object: ByteString, format = SHA1) {
  try {
    return parse(object, format);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** Either it is refused, or it is another snapshot and says so in exactly these bytes. */
function expectNoSecondSpelling(object: ByteString, original: SnapshotTag, format = SHA1): void {
  const parsed = parseOrRefuse(object, format);
  if (parsed === undefined) return;
  expect(encodeSnapshotPayload(parsed.snapshot) + parsed.armor).toBe(object);
  if (parsed.armor === ARMOR) expect(parsed.snapshot).not.toEqual(original);
}

test('a snapshot is printed as docs/snapshot-format.md says', () => {
  expect(encodeSnapshotPayload(FULL)).toBe(
    `object ${FULL.tree}
type tree
tag snapshots/artifacts/20261122T143000Z-0123456789ab
tagger \xc3\x85d\xc3\xa4 <ada@example.org> 1795357800 +0000

Weights of November

Why not.

Label: no=label

Snapshot-Format: 1
Repository: ${FULL.repository}
Path: art%20%FF
Manifest: sha256:${MANIFEST}
Files: 12
Bytes: 0
Previous: sha256:${FULL.previous}
Source: ${FULL.source?.commit} dirty
Policy: 3 sha256:${FULL.policy.digest}
Audit: ${FULL.audit}
Modes: 644 755
Label: team=a=b
Label: team=c
Mode: 600 a%20b%25
Mode: 711 c%0A
Context-Host: build 7
Context-CI: true
`,
  );
});

describe.each([SHA1, SHA256])('a snapshot of $name', (format) => {
  test('is read back from its tag', () => {
    fc.assert(
      fc.property(snapshotTag(format), (tag) => {
        const payload = encodeSnapshotPayload(tag);
        expect(parse(payload + ARMOR, format)).toEqual({ snapshot: tag, payload, armor: ARMOR });
      }),
      fuzzRuns(300),
    );
  });

  test('has no second spelling', () => {
    const changed = snapshotTag(format).chain((tag) => mutated(print(tag)).map((object) => ({ tag, object })));
    fc.assert(
      fc.property(changed, ({ tag, object }) => expectNoSecondSpelling(object, tag, format)),
      fuzzRuns(1500),
    );
  });

  test('has git’s approval', () => {
    const repo = tempRepo(`--object-format=${format.name}`);
    const git = (args: string[], input = '') => runTool('git', ['-C', repo.dir, ...args], { input }).trim();
    const tree = git(['mktree']) as Oid;
    fc.assert(
      fc.property(snapshotTag(format), (tag) => {
        const object = print({ ...tag, tree });
        expect(git(['mktag'], object)).toBe(git(['hash-object', '-t', 'tag', '--stdin'], object));
      }),
      { numRuns: 12 },
    );
    expect(git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });
});

test('every byte counts: each of a whole tag, in, out and over', () => {
  for (const tag of [FULL, BARE]) {
    const object = print(tag);
    for (let i = 0; i < object.length; i++) {
      expectNoSecondSpelling(object.slice(0, i) + object.slice(i + 1), tag);
      for (const byte of ['\0', '\n', '\r', ' ', '0', 'a', 'F', '-', '%', ':', '\x7f', '\x85', '\xff']) {
        if (byte !== object[i]) expectNoSecondSpelling(object.slice(0, i) + byte + object.slice(i + 1), tag);
        const longer = object.slice(0, i) + byte + object.slice(i);
        expectNoSecondSpelling(longer, tag);
      }
    }
  }
});

test('every line of the payload counts: none may be missing, doubled or elsewhere', () => {
  const payload = encodeSnapshotPayload(FULL);
  const lines = payload.split('\n').slice(0, -1);
  for (const [i, line] of lines.entries()) {
    for (const changed of [lines.toSpliced(i, 1), lines.toSpliced(i, 0, line)]) {
      expectNoSecondSpelling(`${changed.join('\n')}\n${ARMOR}`, FULL);
    }
    for (let j = 0; j < lines.length; j++) {
      const moved = `${lines.toSpliced(i, 1).toSpliced(j, 0, line).join('\n')}\n`;
      if (moved !== payload) expectNoSecondSpelling(moved + ARMOR, FULL);
    }
  }
});

describe('a hostile tag is refused:', () => {
  const good = print(FULL);
  const change = (from: string | RegExp, to: string, tag = good) => {
    const changed = tag.replace(from, () => to);
    if (changed === tag) throw new Error(`${from} is not in the tag`);
    return changed;
  };
  const tagger = 'tagger \xc3\x85d\xc3\xa4 <ada@example.org> 1795357800 +0000\n';
  const trailers = [
    'Snapshot-Format',
    'Repository',
    'Path',
    'Manifest',
    'Files',
    'Bytes',
    'Previous',
    'Source',
    'Policy',
    'Audit',
    'Modes',
  ];
  const lineOf = (key: string) =>
    new RegExp(`^${key}: .*\n`, 'm').exec(good.slice(good.indexOf('Snapshot-Format')))?.[0] ?? '';

  test.each<[string, ByteString]>([
    ['nothing', ''],
    ['a signature alone', ARMOR],
    ['unsigned', encodeSnapshotPayload(FULL)],
    ['an extra header', change('\n\nWeights', '\nencoding latin1\n\nWeights')],
    ['a signature header', change('\n\nWeights', '\ngpgsig x\n\nWeights')],
    ['an object twice', `object ${'9'.repeat(40)}\n${good}`],
    ['a type twice', change('type tree\n', 'type tree\ntype tree\n')],
    ['a name twice', change(/^tag /m, 'tag snapshots/artifacts/x\ntag ')],
    ['a tagger twice', change(tagger, tagger + tagger)],
    ['no tagger', change(tagger, '')],
    ['headers in another order', change('object', 'type tree\nobject', change('type tree\n', ''))],
    ['a continued header', change('\n\nWeights', '\n more\n\nWeights')],
    ['a commit', change('type tree', 'type commit')],
    ['a tag', change('type tree', 'type tag')],
    ['an object name in upper case', change(FULL.tree, FULL.tree.toUpperCase())],
    ['an object name of the other hash', change(FULL.tree, 'a'.repeat(64))],
    ['another namespace', change('tag snapshots/', 'tag promotions/')],
    ['another depth', change('tag snapshots/', 'tag snapshots/x/')],
    ['a set that is no name', change('tag snapshots/artifacts', 'tag snapshots/..')],
    ['an id of another time', change('T143000Z', 'T143001Z')],
    ['an id of another manifest', change('-0123456789ab\n', '-0123456789ac\n')],
    ['a time zone', change('+0000', '+0100')],
    ['a negative time zone of nought', change('+0000', '-0000')],
    ['a time with a leading nought', change(' 1795357800 ', ' 01795357800 ')],
    ['carriage returns', good.replaceAll('\n', '\r\n')],
    ['carriage returns in the payload', encodeSnapshotPayload(FULL).replaceAll('\n', '\r\n') + ARMOR],
    ['a NUL in the subject', change('Weights', 'Wei\0ghts')],
    ['a NUL at the end', `${good}\0`],
    ['an escape sequence', change('Weights', '\x1b[2JWeights')],
    ['a C1 control', change('Weights', '\xc2\x9bWeights')],
    ['bidi', change('Weights', '\xe2\x80\xaeWeights')],
    ['bytes that are not UTF-8', change('Weights', '\xffWeights')],
    ['an overlong encoding', change('Weights', '\xc0\x80Weights')],
    ['a byte order mark', `\xef\xbb\xbf${good}`],
    ['a second signature', good + ARMOR],
    ['a signature of another kind behind', good + ARMOR.replaceAll('PGP', 'SSH')],
    ['a signed message', change(ARMOR, `-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n${ARMOR}`)],
    ['text behind the armor', `${good}text\n`],
    ['a line feed behind the armor', `${good}\n`],
    ['no line feed behind the armor', good.slice(0, -1)],
    ['text between two ends', `${good}text\n-----END PGP SIGNATURE-----\n`],
    ['ends of another kind', change('END PGP', 'END SSH')],
    ['a carriage return in the armor', change('iQAB', 'iQAB\r')],
    ['a control in the armor', change('iQAB', 'iQAB\x1b')],
    ['an armor that does not end', good.slice(0, good.indexOf('-----END'))],
    ['a begin that is indented', change('-----BEGIN', ' -----BEGIN')],
    ['a begin with something behind', change('SIGNATURE-----\n', 'SIGNATURE----- \n')],
    ['a begin line in the body', change('Why not.', '-----BEGIN PGP SIGNATURE-----')],
    ['another begin line in the body', change('Why not.', '-----BEGIN X')],
    ['a begin line as the subject', change('Weights of November', '-----BEGIN PGP SIGNED MESSAGE-----')],
    ['no blank line before the signature’s place', change(/\n-----BEGIN/, '-----BEGIN')],
    ['a blank line before the signature', change('-----BEGIN', '\n-----BEGIN')],
    ['no subject', change('Weights of November\n\n', '', print(BARE))],
    ['an empty subject', change('Weights of November', '')],
    ['a subject of two lines', change('Weights of', 'Weights\nof')],
    ['blanks around the subject', change('Weights', ' Weights')],
    ['blanks behind the subject', change('November', 'November ')],
    ['blanks behind a body line', change('Why not.', 'Why not. ')],
    ['an empty body', change('\n\nWhy not.\n\nLabel: no=label\n\n', '\n\n\n\n')],
    ['two blank lines before the trailers', change('\n\nSnapshot-', '\n\n\nSnapshot-')],
    ['no blank line before the trailers', change('\n\nSnapshot-', '\nSnapshot-')],
    ['a blank line among the trailers', change('\nModes', '\n\nModes')],
    ['no trailers', change(/\n\nSnapshot-Format[\s\S]*?\n-----/, '\n-----')],
    ['an unknown trailer', change('\nLabel: team', '\nX: y\nLabel: team')],
    ['a trailer of the next format', change('Format: 1', 'Format: 2')],
    ['a format with a leading nought', change('Format: 1', 'Format: 01')],
    ['a trailer with two spaces', change('Files: 12', 'Files:  12')],
    ['a trailer with no space', change('Files: 12', 'Files:12')],
    ['a trailer with a space behind', change('Files: 12', 'Files: 12 ')],
    ['a folded trailer', change('Files: 12', 'Files: 1\n 2')],
    ['a trailer in lower case', change('Files: 12', 'files: 12')],
    ['a number with a leading nought', change('Files: 12', 'Files: 012')],
    ['a number with a sign', change('Files: 12', 'Files: +12')],
    ['a number in hexadecimal', change('Files: 12', 'Files: 0x12')],
    ['a number with an exponent', change('Files: 12', 'Files: 1e1')],
    ['a fraction', change('Files: 12', 'Files: 12.0')],
    ['a number too large to count with', change('Bytes: 0', 'Bytes: 9007199254740993')],
    ['a policy version of nought', change('Policy: 3', 'Policy: 0')],
    ['a policy version with a leading nought', change('Policy: 3', 'Policy: 03')],
    ['a digest in upper case', change(`sha256:${FULL.policy.digest}`, `sha256:${FULL.policy.digest.toUpperCase()}`)],
    ['a digest of another kind', change('Manifest: sha256:', 'Manifest: sha512:')],
    ['a source that is half dirty', change(' dirty', ' dirt')],
    ['a source twice dirty', change(' dirty', ' dirty dirty')],
    ['no source and yet dirty', change(/Source: .*/, 'Source: none dirty')],
    ['an audit tip that is no object', change(/Audit: .*/, 'Audit: 0')],
    ['a path that climbs', change('Path: art%20%FF', 'Path: ../art')],
    ['a path that is absolute', change('Path: art%20%FF', 'Path: /art')],
    ['a path into the git directory', change('Path: art%20%FF', 'Path: .git/hooks')],
    ['a path in another spelling', change('art%20%FF', 'art%20%ff')],
    ['a path with a needless escape', change('Path: art', 'Path: %61rt')],
    ['modes of four digits', change('Modes: 644 755', 'Modes: 0644 0755')],
    ['modes the wrong way round', change('Modes: 644 755', 'Modes: 755 644')],
    ['a mode that is the usual one', change('Mode: 600', 'Mode: 644')],
    ['a mode that is not octal', change('Mode: 600', 'Mode: 608')],
    ['a mode of four digits', change('Mode: 600', 'Mode: 4755')],
    ['modes out of order', change('Mode: 600', 'Mode: 711 c%0A\nMode: 600', change('Mode: 711 c%0A\n', ''))],
    ['two modes of one path', change('Mode: 711', 'Mode: 601 a%20b%25\nMode: 711')],
    ['a mode of a path that climbs', change('711 c%0A', '711 c/../../x')],
    ['labels out of order', change('Label: team=a', 'Label: team=c\nLabel: team=a', change('Label: team=c\n', ''))],
    ['a label twice', change('Label: team=c', 'Label: team=c\nLabel: team=c')],
    ['a label with no value', change('Label: team=c', 'Label: team=')],
    ['a label with no key', change('Label: team=c', 'Label: =c')],
    ['a label with no equals sign', change('Label: team=c', 'Label: team')],
    ['a label in upper case', change('Label: team=c', 'Label: Team=c')],
    ['labels behind the context', change('Context-CI: true\n', 'Context-CI: true\nLabel: z=z\n')],
    ['a context twice', change('Context-CI: true\n', 'Context-CI: true\nContext-CI: false\n')],
    ['a context with no name', change('Context-CI', 'Context-')],
    ['a context in lower case', change('Context-CI', 'Context-ci')],
    ['a context with no value', change('Context-CI: true', 'Context-CI: ')],
    ...trailers.map((key): [string, ByteString] => [`without ${key}`, change(lineOf(key), '')]),
    ...trailers.map((key): [string, ByteString] => [`with ${key} twice`, change(lineOf(key), lineOf(key).repeat(2))]),
  ])('%s', (_, object) => {
    expect(object).not.toBe(good);
    expect(() => parse(object)).toThrow(MalformedError);
  });

  test('its error shows no control characters, and names the tag', () => {
    for (const hostile of ['\x1b[2J', '\n', '\x7f']) {
      for (const place of ['Snapshot-Format', 'artifacts/', 'tree', 'Context-Host']) {
        try {
          parse(change(place, hostile + place));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
          expect(String(error)).toMatch(/^SnapshotError: the tag: \P{Cc}*$/u);
        }
      }
    }
  });
});

test('a tag of megabytes is judged at once', () => {
  const good = print(FULL);
  const many = 500_000;
  const parts = [
    'a',
    ' ',
    '\n',
    '\n\n',
    '-----BEGIN ',
    '\n-----BEGIN ',
    '\n-----END PGP SIGNATURE-----\n',
    '-',
    '%41',
    '\0',
    '\n \n',
    'Label: a=b\n',
    '\xc3\xa4',
    'a: b\n',
  ];
  for (const part of parts) {
    const long = part.repeat(many / part.length);
    for (const place of [
      'object',
      'artifacts',
      'tagger',
      'Weights',
      'Why',
      'Snapshot-Format',
      'art%20',
      'Label: team=c',
      'Mode: 600',
      'Context-Host',
      '-----BEGIN',
      'iQAB',
      '-----END',
    ]) {
      expect(parseOrRefuse(good.replace(place, () => long + place)) === undefined).toBe(true);
    }
    expect(parseOrRefuse(long) === undefined).toBe(true);
    expect(parseOrRefuse(good + long.repeat(10)) === undefined).toBe(true);
  }
});

test('many labels, modes and contexts are judged at once', () => {
  const number = (i: number) => String(i).padStart(6, '0');
  const labels = Array.from({ length: 100_000 }, (_, i) => ({ key: 'n', value: number(i) }));
  const others = Array.from({ length: 100_000 }, (_, i) => ({ path: `d/${number(i)}`, permissions: 0o600 }));
  const tag = { ...FULL, labels, modes: { ...FULL.modes, others } };
  expect(parse(print(tag)).snapshot).toEqual(tag);
  expect(parseOrRefuse(print({ ...tag, labels: labels.toReversed() }))).toBeUndefined();
});

test('git verifies a signature over it, lists its trailers, and reads its tree', () => {
  const repo = tempRepo();
  const gnupg = tempGnupg();
  gnupg.makeKey('Ada <ada@example.org>', 'ed25519');
  const git = (args: string[], input = '') => runTool('git', ['-C', repo.dir, ...args], { input, env: gnupg.env });
  const tree = git(['mktree']).trim() as Oid;
  const payload = encodeSnapshotPayload({ ...FULL, tree });
  const object = payload + gnupg.gpg(['--armor', '--detach-sign'], payload);
  const name = git(['mktag'], object).trim();
  repo.git('update-ref', `refs/snapshots/${FULL.set}/${FULL.id}`, name);
  git(['verify-tag', name]);
  expect(git(['cat-file', 'tag', name])).toBe(object);
  expect(repo.git('rev-parse', `${name}^{tree}`)).toBe(tree);
  expect(repo.git('for-each-ref', '--format=%(contents:subject)|%(contents:body)', 'refs/snapshots')).toContain(
    'Weights of November|Why not.',
  );
  const listed = git(['interpret-trailers', '--parse'], payload.slice(payload.indexOf('\n\n') + 2));
  expect(listed).toBe(payload.slice(payload.indexOf('Snapshot-Format')));
  expect(parse(object).snapshot).toEqual({ ...FULL, tree });
});

test.each([
  [{ name: 'Host', value: 'x' }, true],
  [{ name: 'A-1', value: 'x y' }, true],
  [{ name: 'host', value: 'x' }, false],
  [{ name: '', value: 'x' }, false],
  [{ name: 'Ho st', value: 'x' }, false],
  [{ name: 'H:', value: 'x' }, false],
  [{ name: 'H'.repeat(42), value: 'x' }, false],
  [{ name: 'Host', value: '' }, false],
  [{ name: 'Host', value: ' x' }, false],
  [{ name: 'Host', value: 'x\ny' }, false],
  [{ name: 'Host', value: 'x\u202e' }, false],
  [{ name: 'Host', value: 'x'.repeat(501) }, false],
])('whether %j is a context: %j', (context, expected) => expect(isContext(context)).toBe(expected));
