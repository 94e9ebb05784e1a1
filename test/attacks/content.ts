import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect } from 'vitest';
import { look } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import { tempDir } from '../support/temp-repo.ts';
import type { Attack } from './support/attack.ts';
import { forgeSnapshot, sha256, store, treeOf } from './support/forge.ts';
import { checkOut, expectGoodForGit, fsckSays } from './support/plain-git.ts';
import { expectGood, expectRefusal, stateOf, verify, verifyElsewhere } from './support/refusal.ts';
import type { Scene } from './support/scene.ts';

const nameOf = ({ set, id }: { set: string; id: string }) => `${set}/${id}`;
type Item = readonly [mode: string, name: string, oid: string];

interface BadTree {
  readonly id: string;
  readonly attack: string;
  readonly plainGit: string;
  readonly product?: string;
  readonly items: (scene: Scene, blob: string, inner: string) => readonly Item[];
  /** In what `git fsck --strict` says; undefined: it has nothing to say. */
  readonly fsck: RegExp | undefined;
  /** What git writes when it is told to check the tree out: a path, or nothing. */
  readonly writes?: string;
  readonly says: RegExp;
}

/** A tree that a snapshotter signed, with its event: the tree alone is what is wrong. */
const badTree = ({ id, attack, plainGit, product, items, fsck, writes, says }: BadTree): Attack => ({
  id,
  class: 'content',
  attack,
  plainGit,
  product: product ?? 'refuses the tree before anything is written (`tree`)',
  run: async (scene) => {
    const { repo, people } = scene;
    const blob = store(repo, 'blob', 'evil\n');
    const tree = treeOf(repo, items(scene, blob, treeOf(repo, [['100644', 'passwd', blob]])));
    const snapshot = await forgeSnapshot(scene, {
      by: people.ben,
      change: (payload) => payload.replace(/^object .*$/m, `object ${tree}`),
    });
    expectGoodForGit(scene, snapshot.ref);
    const said = fsckSays(scene);
    if (fsck === undefined) expect(said.replace(/^notice: .*$/gm, '').trim()).toBe('exit 0');
    else expect(said).toMatch(fsck);
    if (writes !== undefined) {
      const { dir, said: output } = checkOut(scene, tree);
      expect(existsSync(join(dir, writes)), output).toBe(true);
    }
    await expectRefusal(scene, {
      snapshot,
      verify: { [nameOf(snapshot)]: ['tree'] },
      says,
    });
  },
});

const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const BAD_TREES: readonly Attack[] = [
  ...(
    [
      ['dot-dot', '`..`', '..', /hasDotdot/],
      ['dot', '`.`', '.', /hasDot\b/],
      ['dot-git', '`.git`', '.git', /hasDotgit/],
      ['dot-git-in-capitals', '`.GIT`', '.GIT', /hasDotgit/],
      ['dot-git-for-ntfs', '`git~1`', 'git~1', /hasDotgit/],
      ['dot-git-with-spaces', '`.git .`, which Windows takes for `.git`', '.git .', /hasDotgit/],
      ['dot-git-stream', '`.git::$INDEX_ALLOCATION`', '.git::$INDEX_ALLOCATION', /hasDotgit/],
      ['dot-git-for-hfs', '`.g\u200cit`, which macOS takes for `.git`', utf8('.g\u200cit'), /hasDotgit/],
      ['dot-git-backslash', '`a\\.git`, which Windows takes for a path', 'a\\.git', /hasDotgit/],
    ] as const
  ).map(([id, name, bytes, fsck]) =>
    badTree({
      id,
      attack: `A directory of the name ${name} in a signed tree`,
      plainGit: '`verify-tag` is happy; `fsck` objects, if it is asked',
      items: (_scene, _blob, inner) => [['40000', bytes, inner]],
      fsck,
      says: /name/,
    }),
  ),
  badTree({
    id: 'slash-in-a-name',
    attack: 'A file of the name `a/b`',
    plainGit: '`verify-tag` is happy; `fsck` objects',
    items: (_scene, blob) => [['100644', 'a/b', blob]],
    fsck: /fullPathname/,
    says: /a slash in the name/,
  }),
  badTree({
    id: 'absolute-name',
    attack: 'A file of the name `/tmp/x`',
    plainGit: '`verify-tag` is happy; `fsck` objects',
    items: (_scene, blob) => [['100644', '/tmp/x', blob]],
    fsck: /fullPathname/,
    says: /a slash in the name/,
  }),
  badTree({
    id: 'empty-name',
    attack: 'A file without a name',
    plainGit: '`verify-tag` is happy; `fsck` objects',
    items: (_scene, blob) => [['100644', '', blob]],
    fsck: /emptyName|empty filename|badTree/i,
    says: /name|malformed/,
  }),
  badTree({
    id: 'link-and-directory',
    attack: 'A symbolic link and a directory of the same name, to write through the link',
    plainGit: '`verify-tag` is happy; `fsck` objects (older versions of git wrote through it)',
    items: ({ repo }, _blob, inner) => [
      ['120000', 'x', store(repo, 'blob', '/etc')],
      ['40000', 'x', inner],
    ],
    fsck: /duplicateEntries/,
    says: /two entries have one name/,
  }),
  badTree({
    id: 'unsorted',
    attack: 'Entries out of order',
    plainGit: '`verify-tag` is happy; `fsck` objects; a checkout writes them',
    items: (_scene, blob) => [
      ['100644', 'b', blob],
      ['100644', 'a', blob],
    ],
    fsck: /treeNotSorted/,
    writes: 'a',
    says: /order/,
  }),
  badTree({
    id: 'gitlink',
    attack: 'A gitlink (the entry of a submodule)',
    plainGit: '`verify-tag` and `fsck` are happy; a checkout makes an empty directory',
    items: ({ repo }) => [['160000', 'sub', repo.git('rev-parse', 'refs/notes/snapshots')]],
    fsck: undefined,
    writes: 'sub',
    says: /160000|mode|submodule|gitlink/,
  }),
  badTree({
    id: 'odd-mode',
    attack: 'A mode that git does not write (`100666`)',
    plainGit: '`verify-tag` is happy; a checkout writes the file',
    items: (_scene, blob) => [['100666', 'a', blob]],
    fsck: /badFilemode/,
    writes: 'a',
    says: /100666|mode/,
  }),
  badTree({
    id: 'padded-mode',
    attack: 'A mode with a zero before it',
    plainGit: '`verify-tag` is happy; a checkout writes the file',
    items: (_scene, blob) => [['0100644', 'a', blob]],
    fsck: /zeroPaddedFilemode/,
    writes: 'a',
    says: /mode/,
  }),
  badTree({
    id: 'gitmodules-link',
    attack: 'A symbolic link of the name `.gitmodules`',
    plainGit: '`verify-tag` is happy; `fsck` objects',
    items: ({ repo }) => [['120000', '.gitmodules', store(repo, 'blob', 'x')]],
    fsck: /gitmodulesSymlink/,
    says: /\.gitmodules/,
  }),
  badTree({
    id: 'deep',
    attack: 'Five hundred and more directories, one in the other',
    plainGit: '`verify-tag` and `fsck` are happy',
    product: 'refuses: 512 are the most (`tree`)',
    items: ({ repo }, blob) => {
      let tree = treeOf(repo, [['100644', 'a', blob]]);
      for (let i = 0; i < 520; i++) tree = treeOf(repo, [['40000', 'd', tree]]);
      return [['40000', 'd', tree]];
    },
    fsck: undefined,
    says: /nested more than 512 deep/,
  }),
];

/** A bit of the object's file flipped, or other bytes under its name. */
function swapLoose({ dir }: Scene['repo'], oid: string, text: string): void {
  const file = join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
  chmodSync(file, 0o644);
  writeFileSync(file, deflateSync(`blob ${text.length}\0${text}`));
}

export const CONTENT_ATTACKS: readonly Attack[] = [
  ...BAD_TREES,
  {
    id: 'tree-bomb',
    class: 'content',
    attack: 'Eleven small objects that unfold to ten thousand million files',
    plainGit: '`verify-tag` and `fsck` are happy; a checkout fills disk and memory',
    product: 'refuses: more entries than are allowed, before anything is written (`tree`)',
    run: async (scene) => {
      const { repo, people } = scene;
      let tree = treeOf(
        repo,
        Array.from({ length: 10 }, (_, i) => ['100644', `${i}`, store(repo, 'blob', 'x')] as const),
      );
      for (let level = 0; level < 9; level++)
        tree = treeOf(
          repo,
          Array.from({ length: 10 }, (_, i) => ['40000', `${i}`, tree] as const),
        );
      const snapshot = await forgeSnapshot(scene, {
        by: people.ben,
        change: (payload) => payload.replace(/^object .*$/m, `object ${tree}`),
      });
      expectGoodForGit(scene, snapshot.ref);
      expect(repo.git('rev-list', '--objects', tree).split('\n')).toHaveLength(11);
      const before = stateOf(repo);
      const said = await repo.run(['snapshot', 'verify', '--set', 'artifacts', snapshot.id]);
      expect(said.code).toBe(1);
      expect(said.stdout + said.stderr).toMatch(/holds more than \d+ entries/);
      const back = await repo.run(['rollback', '--yes', '--set', 'artifacts', snapshot.id]);
      expect(back.code, back.stderr).toBe(6);
      expect(back.stderr).toMatch(/holds more than \d+ entries/);
      expect(stateOf(repo)).toEqual(before);
    },
  },
  {
    id: 'swapped-loose-object',
    class: 'content',
    attack: 'Other bytes in the file of a loose object',
    plainGit: '`cat-file` prints them, a checkout writes them, with exit 0',
    product: 'refuses: every object is hashed when it is read (`content`)',
    run: async (scene) => {
      const { repo, good } = scene;
      swapLoose(repo, repo.git('rev-parse', `${good.ref}:a`), 'evil\n');
      expect(repo.git('cat-file', 'blob', `${good.ref}:a`)).toBe('evil');
      expectGoodForGit(scene, good.ref);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['content'] },
        says: /its content has the name [0-9a-f]{40}/,
        backup: true,
      });
    },
  },
  {
    id: 'missing-blob',
    class: 'content',
    attack: 'A blob is gone',
    plainGit: '`verify-tag` is happy',
    product: 'refuses (`content`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const oid = repo.git('rev-parse', `${good.ref}:a`);
      rmSync(join(repo.dir, '.git/objects', oid.slice(0, 2), oid.slice(2)));
      expectGoodForGit(scene, good.ref);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['content'] },
        says: /is not in this repository|cannot be read/,
        backup: true,
      });
    },
  },
  {
    id: 'bit-in-a-pack',
    class: 'content',
    attack: 'A bit flipped in a pack',
    plainGit: '`verify-tag` is happy, and a checkout may write wrong bytes',
    product: 'refuses (`content`, or the object that is damaged)',
    run: async (scene) => {
      const { repo } = scene;
      for (let i = 0; i < 200; i++) writeFileSync(join(repo.root, `f${i}`), `content ${i} `.repeat(50));
      const many = await repo.take('--set', 'artifacts', '-m', 'many');
      for (let i = 0; i < 200; i++) writeFileSync(join(repo.root, `f${i}`), 'x');
      const dir = join(repo.dir, '.git/objects/pack');
      const pack = join(dir, readdirSync(dir).find((name) => name.endsWith('.pack')) ?? 'none');
      const bytes = readFileSync(pack);
      chmodSync(pack, 0o644);
      for (let i = 1; i <= 5; i++) {
        const at = Math.floor((bytes.length * i) / 6);
        const file = openSync(pack, 'r+');
        writeSync(file, Buffer.from([(bytes[at] ?? 0) ^ 0x10]), 0, 1, at);
        const before = look(repo.root);
        for (const { code, said } of [await verify(scene, many.id), await verifyElsewhere(scene)])
          expect(code, `byte ${at}: ${said}`).not.toBe(0);
        await repo.expect(6, ['rollback', '--yes', '--set', 'artifacts', many.id]);
        expect(look(repo.root)).toEqual(before);
        writeSync(file, bytes, at, 1, at);
        closeSync(file);
      }
      await expectGood(scene);
    },
  },
  {
    id: 'link-that-leads-out',
    class: 'content',
    attack: 'A snapshotter signs a link to `/etc`, and a file is written through it later',
    plainGit: '`verify-tag` and `fsck` are happy; a checkout makes the link',
    product: 'refuses it (`tree`), and to put it back; `create` refuses to take one (exit 3)',
    run: async (scene) => {
      const { repo, people } = scene;
      for (const target of ['/etc', '..', '../.git', 'x/../../y']) {
        symlinkSync(target, join(repo.root, 'link'));
        const before = repo.git('for-each-ref');
        expect((await repo.expect(3, ['snapshot', 'create', '--set', 'artifacts'])).stderr).toContain('link');
        expect(repo.git('for-each-ref')).toBe(before);
        rmSync(join(repo.root, 'link'));
      }
      const tree = treeOf(repo, [['120000', 'link', store(repo, 'blob', '/etc')]]);
      const snapshot = await forgeSnapshot(scene, {
        by: people.ben,
        ...manifestOf(tree, [['120000', '/etc', 'link']]),
      });
      expectGoodForGit(scene, snapshot.ref);
      expect(fsckSays(scene)).toMatch(/^exit 0/);
      const { dir } = checkOut(scene, tree);
      expect(look(dir).join()).toContain('link -> /etc');
      const before = look(repo.root);
      for (const { failed, said } of [await verify(scene, '--all'), await verifyElsewhere(scene)]) {
        expect(failed).toEqual({ [nameOf(snapshot)]: ['tree'] });
        expect(said).toContain("'link' is a link to an absolute path");
      }
      const { code, stderr } = await repo.run(['rollback', '--yes', '--set', 'artifacts', snapshot.id]);
      expect(code, stderr).toBe(6);
      expect(stderr).toContain('a link to an absolute path');
      expect(look(repo.root)).toEqual(before);
    },
  },
  {
    id: 'link-for-the-directory',
    class: 'content',
    attack: 'The set’s directory itself is replaced by a link to elsewhere',
    plainGit: 'a checkout into it writes there',
    product: 'refuses to take and to put back; nothing is written there',
    run: async (scene) => {
      const { repo, good } = scene;
      const outside = tempDir();
      writeFileSync(join(outside, 'a'), 'mine\n');
      renameSync(repo.root, `${repo.root}.away`);
      symlinkSync(outside, repo.root);
      for (const words of [
        ['snapshot', 'create'],
        ['rollback', '--yes', good.id],
        ['snapshot', 'restore', '--yes', good.id],
      ]) {
        const { code, stderr } = await repo.run([...words, '--set', 'artifacts']);
        expect([3, 5, 6], stderr).toContain(code);
        expect(stderr).toMatch(/link|not a directory/);
      }
      expect(look(outside)).toEqual(look(outside).filter((line) => / a$|\/a$/.test(line)));
      expect(readFileSync(join(outside, 'a'), 'utf8')).toBe('mine\n');
    },
  },
  {
    id: 'link-where-a-directory-was',
    class: 'content',
    attack: 'A directory of the set is replaced by a link to elsewhere, before a rollback writes into it',
    plainGit: 'a careless writer follows it',
    product:
      'removes the link, and makes the directory; a link that leads out stays, and the rollback is refused: nothing is written behind a link',
    run: async (scene) => {
      const { repo, good } = scene;
      const outside = tempDir();
      writeFileSync(join(outside, 'b'), 'mine\n');
      rmSync(join(repo.root, 'sub'), { recursive: true });
      symlinkSync('a', join(repo.root, 'sub'));
      await repo.ok('rollback', '--yes', '--set', 'artifacts', good.id);
      expect(readFileSync(join(repo.root, 'sub/b'), 'utf8')).toBe('below\n');
      rmSync(join(repo.root, 'sub'), { recursive: true });
      symlinkSync(outside, join(repo.root, 'sub'));
      // A link that leads out cannot be backed up: it is not removed, and nothing is written through it.
      const { stderr } = await repo.expect(5, ['rollback', '--yes', '--set', 'artifacts', good.id]);
      expect(stderr).toContain('sub');
      expect(readlinkSync(join(repo.root, 'sub'))).toBe(outside);
      expect(readFileSync(join(outside, 'b'), 'utf8')).toBe('mine\n');
      expect(readdirSync(outside)).toEqual(['b']);
    },
  },
  {
    id: 'attributes',
    class: 'content',
    attack: '`.gitattributes` in the set: `eol`, `ident`, `filter`, `export-ignore`, `working-tree-encoding`',
    plainGit: 'a checkout writes other bytes and runs the filter; an archive leaves files out',
    product: 'knows no attributes: the bytes that were taken are the bytes that come back',
    run: async (scene) => {
      const { repo } = scene;
      const mark = join(tempDir(), 'ran');
      repo.git('config', 'filter.evil.smudge', `touch ${mark}; cat`);
      repo.git('config', 'filter.evil.clean', `touch ${mark}; cat`);
      writeFileSync(
        join(repo.root, '.gitattributes'),
        'a filter=evil\nt eol=crlf\ni ident\nx export-ignore\nu working-tree-encoding=UTF-16\n',
      );
      for (const name of ['t', 'i', 'x', 'u']) writeFileSync(join(repo.root, name), '$Id$\nline\n');
      const taken = await repo.take('--set', 'artifacts', '-m', 'attributes');
      const before = look(repo.root);
      const { dir } = checkOut(scene, taken.tree);
      expect(readFileSync(join(dir, 't'), 'utf8')).toBe('$Id$\r\nline\r\n');
      expect(readFileSync(join(dir, 'i'), 'utf8')).toMatch(/^\$Id: [0-9a-f]+ \$/);
      expect(existsSync(mark)).toBe(true);
      const list = execFileSync('sh', ['-c', `git archive ${taken.tree} | tar t`], { cwd: repo.dir, encoding: 'utf8' });
      expect(list.split('\n')).not.toContain('x');
      rmSync(mark);
      for (const name of ['a', 't', 'i', 'x', 'u']) writeFileSync(join(repo.root, name), 'other\n');
      await repo.ok('rollback', '--yes', '--set', 'artifacts', taken.id);
      expect(look(repo.root)).toEqual(before);
      expect(existsSync(mark)).toBe(false);
      await expectGood(scene);
    },
  },
  {
    id: 'ref-moves-meanwhile',
    class: 'content',
    attack: 'A snapshot’s ref is moved while it is rolled back to',
    plainGit: 'a script that resolves the name twice gets two contents',
    product: 'resolves it once: the directory is what was verified',
    run: async (scene) => {
      const { repo, good, other, env } = scene;
      let moved = false;
      const move = () => {
        if (!moved) repo.git('update-ref', good.ref, other.tag);
        moved = true;
        return () => undefined;
      };
      const phases: string[] = [];
      await withApp(
        repo,
        (app) =>
          app.rollback({
            set: 'artifacts',
            snapshot: good.id,
            steps: undefined,
            paths: [],
            message: undefined,
            dryRun: false,
            confirm: async () => {
              move();
            },
          }),
        {
          env,
          phase: (name) => {
            phases.push(name);
            return () => undefined;
          },
        },
      );
      expect(moved).toBe(true);
      expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('good\n');
    },
  },
  {
    id: 'case-twins',
    class: 'content',
    attack:
      'Names that are one on another system: `A` and `a`, device names, trailing dots, composed and decomposed letters',
    plainGit: 'accepted; a checkout on such a system writes one over the other',
    product: 'accepted here, byte for byte; not defended against on systems that fold names',
    run: async (scene) => {
      const { repo } = scene;
      for (const name of ['A', 'con', 'x.', '\u00e9', 'e\u0301', 'back\\slash'])
        writeFileSync(join(repo.root, name), name);
      const before = look(repo.root);
      const taken = await repo.take('--set', 'artifacts', '-m', 'twins');
      for (const name of readdirSync(repo.root)) rmSync(join(repo.root, name), { recursive: true });
      await repo.ok('rollback', '--yes', '--set', 'artifacts', taken.id);
      expect(look(repo.root)).toEqual(before);
      await expectGood(scene);
    },
  },
];

/** The tag of a tree with the manifest that it has, so that nothing else is wrong. */
function manifestOf(tree: string, lines: readonly (readonly [mode: string, content: string, path: string])[]) {
  const manifest = lines
    .map(([mode, content, path]) => `${mode} ${sha256(content)} ${content.length} ${path}\n`)
    .join('');
  const bytes = lines.reduce((sum, [, content]) => sum + content.length, 0);
  const change = (payload: string) =>
    payload
      .replace(/^object .*$/m, `object ${tree}`)
      .replace(/^Manifest: .*$/m, `Manifest: sha256:${sha256(manifest)}`)
      .replace(/^Files: .*$/m, `Files: ${lines.length}`)
      .replace(/^Bytes: .*$/m, `Bytes: ${bytes}`)
      .replace(/^Mode: .*\n/gm, '')
      .replace(/^(tag .*-)[0-9a-f]{12}$/m, `$1${sha256(manifest).slice(0, 12)}`);
  return { change };
}
