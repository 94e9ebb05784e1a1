import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../../src/core/byte-string.ts';
import { MalformedError } from '../../../src/core/errors.ts';
import { type Commit, encodeCommit, parseCommit, parseSignedCommit, signCommit } from '../../../src/core/git/commit.ts';
import { type ObjectFormat, type Oid, SHA1, SHA256 } from '../../../src/core/oid.ts';
import { runTool, tempGnupg } from '../../support/gnupg.ts';
import { tempRepo } from '../../support/temp-repo.ts';
import { fuzzRuns, line, mutated, oid, person } from '../arbitraries.ts';

const ARMOR = '-----BEGIN PGP SIGNATURE-----\n\niQAB\n=abcd\n-----END PGP SIGNATURE-----\n';

function commit(format: ObjectFormat): fc.Arbitrary<Commit> {
  return fc.record({
    tree: oid(format),
    parent: fc.option(oid(format), { nil: undefined }),
    author: person,
    message: fc
      .array(fc.oneof(line, fc.constantFrom('', ' gpgsig x', 'gpgsig x')), { maxLength: 4 })
      .map((lines) => utf8Encode(`${lines.join('\n')}\n`)),
  });
}

describe.each([SHA1, SHA256])('a commit of $name', (format) => {
  test('is read back, signed and unsigned', () => {
    fc.assert(
      fc.property(commit(format), (some) => {
        const payload = encodeCommit(some);
        expect(parseCommit(payload, format, 'it')).toEqual(some);
        expect(parseSignedCommit(signCommit(payload, ARMOR, format), format, 'it')).toEqual({
          commit: some,
          payload,
          armor: ARMOR,
        });
      }),
      fuzzRuns(200),
    );
  });

  test('once changed, is refused or is other content that prints as it stands', () => {
    const changed = commit(format).chain((some) => {
      const signed = signCommit(encodeCommit(some), ARMOR, format);
      return mutated(signed).map((body) => ({ some, body }));
    });
    fc.assert(
      fc.property(changed, ({ some, body }) => {
        try {
          const parsed = parseSignedCommit(body, format, 'it');
          expect(signCommit(encodeCommit(parsed.commit), parsed.armor, format)).toBe(body);
          if (parsed.armor === ARMOR) expect(parsed.commit).not.toEqual(some);
        } catch (error) {
          if (!(error instanceof MalformedError)) throw error;
        }
      }),
      fuzzRuns(1000),
    );
  });
});

describe('git', () => {
  test('takes the commit, and finds the signed bytes and a good signature in it', () => {
    const repo = tempRepo();
    const gnupg = tempGnupg();
    gnupg.makeKey('Ada <ada@example.org>', 'ed25519');
    const tree = runTool('git', ['-C', repo.dir, 'mktree']).trim() as Oid;
    const author = { name: 'Ådä', email: 'ada@example.org', atSec: 1_700_000_000 };
    let parent: Oid | undefined;
    for (const message of ['one\n', 'two\n\n{"a":1}\n']) {
      const payload = encodeCommit({ tree, parent, author, message });
      const armor = gnupg.gpg(['--armor', '--detach-sign'], payload);
      const body = signCommit(payload, armor, SHA1);
      const name = runTool('git', ['-C', repo.dir, 'hash-object', '-w', '-t', 'commit', '--stdin'], {
        input: body,
      }).trim() as Oid;
      expect(runTool('git', ['-C', repo.dir, 'cat-file', 'commit', name])).toBe(body);
      expect(repo.git('fsck', '--strict', '--no-dangling', name)).toBe('');
      runTool('git', ['-C', repo.dir, 'verify-commit', name], { env: gnupg.env });
      const shown = repo.git('log', '-1', '--format=%T %P|%an|%ae|%at|%cn|%ct|%B', name);
      expect(shown).toBe(`${tree} ${parent ?? ''}|Ådä|ada@example.org|1700000000|Ådä|1700000000|${message}`);
      expect(parseSignedCommit(body, SHA1, 'it').armor).toBe(armor);
      parent = name;
    }
  });

  test('takes what is generated', () => {
    const repo = tempRepo();
    fc.assert(
      fc.property(commit(SHA1), (some) => {
        runTool('git', ['-C', repo.dir, 'hash-object', '-t', 'commit', '--stdin'], {
          input: signCommit(encodeCommit(some), ARMOR, SHA1),
        });
      }),
      { numRuns: 15 },
    );
  });
});

describe('parseSignedCommit', () => {
  const TREE = 'a'.repeat(40) as Oid;
  const payload = encodeCommit({
    tree: TREE,
    parent: TREE,
    author: { name: 'A', email: 'a@b', atSec: 1 },
    message: 'm\n',
  });
  const good = signCommit(payload, ARMOR, SHA1);
  const signature = good.slice(good.indexOf('gpgsig '), good.indexOf('\n\nm') + 1);

  test.each([
    ['unsigned', payload],
    ['empty', ''],
    ['a signature in the message only', `${payload}\ngpgsig x\n`],
    ['two signatures', good.replace(signature, signature + signature)],
    ['a signature of the other hash', good.replace('gpgsig ', 'gpgsig-sha256 ')],
    ['one of each', good.replace('gpgsig ', 'gpgsig-sha256 x\ngpgsig ')],
    ['the signature not last', payload.replace('author', `${signature}author`)],
    ['a header behind the signature', good.replace('\n\nm', '\nencoding latin1\n\nm')],
    ['a header before the signature', good.replace('gpgsig ', 'encoding latin1\ngpgsig ')],
    ['two parents', good.replace('parent', `parent ${TREE}\nparent`)],
    ['two trees', good.replace('tree', `tree ${TREE}\ntree`)],
    ['the parent first', `parent ${TREE}\ntree ${TREE}\n${good.slice(good.indexOf('author'))}`],
    ['an author who is not the committer', good.replace('committer A', 'committer B')],
    ['a time zone', good.replaceAll('+0000', '+0100')],
    ['no committer', good.replace(/^committer.*\n/m, '')],
    ['carriage returns', good.replaceAll('\n', '\r\n')],
    ['a carriage return in the author', good.replace('author A', 'author A\r')],
    ['a NUL in the author', good.replaceAll(' A ', ' A\0 ')],
    ['an author that is not UTF-8', good.replaceAll(' A ', ' \xff ')],
    ['upper-case object names', good.replaceAll(TREE, TREE.toUpperCase())],
    ['a long object name', good.replaceAll(TREE, 'a'.repeat(64))],
    ['no blank line', good.replace('\n\nm', '\nm')],
    ['headers only', good.slice(0, good.indexOf('\n\nm'))],
  ])('refuses: %s', (_, body) => expect(() => parseSignedCommit(body, SHA1, 'it')).toThrow(MalformedError));

  test('is done with megabytes at once', () => {
    for (const part of ['\n', '\n ', ' ', '\ngpgsig ', 'a', '\n\n', `tree ${TREE}\n`, '\0']) {
      const long = part.repeat(5_000_000 / part.length);
      expect(() => parseSignedCommit(long, SHA1, 'it')).toThrow(MalformedError);
      expect(() => parseSignedCommit(good.replace('author', `${long}author`), SHA1, 'it')).toThrow(MalformedError);
      expect(() => parseCommit(long, SHA1, 'it')).toThrow(MalformedError);
    }
  });
});
