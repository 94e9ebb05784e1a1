import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { hasUnsafeCharacters } from '../../src/core/byte-string.ts';
import { existing, look } from '../support/governed-repo.ts';
import { tempDir } from '../support/temp-repo.ts';
import type { Attack } from './support/attack.ts';
import { body, forgeSnapshot, LOG, laterId, POLICY, splitTag, store } from './support/forge.ts';
import { keptFile } from './support/kept-file.ts';
import { expectGoodForGit, guardedServer, MIRROR, verifyTag } from './support/plain-git.ts';
import { expectGood, expectRefusal, verify, verifyElsewhere } from './support/refusal.ts';
import { type Scene, tryRun } from './support/scene.ts';

const OLD_NAME = '20200101T000000Z-000000000000';
const nameOf = ({ set, id }: { set: string; id: string }) => `${set}/${id}`;
const asSnapshot = (set: string, id: string) => ({ set, id, ref: `refs/snapshots/${set}/${id}` });

export const REF_ATTACKS: readonly Attack[] = [
  {
    id: 'teleport-name',
    class: 'refs',
    attack: 'A good tag under the name of a snapshot that there never was',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: the tag says another name (`format`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const target = asSnapshot('artifacts', laterId(good, 500).id);
      repo.git('update-ref', target.ref, good.tag);
      expectGoodForGit(scene, target.ref);
      await expectRefusal(scene, {
        snapshot: target,
        verify: { [nameOf(target)]: ['format'] },
        says: /the tag is of the snapshot artifacts\//,
        log: /^ref: .* has no event in the log$/,
      });
    },
  },
  {
    id: 'teleport-set',
    class: 'refs',
    attack: 'A good tag of one set under the name of another set',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: the tag says another set (`format`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const target = asSnapshot('models', good.id);
      repo.git('update-ref', target.ref, good.tag);
      expectGoodForGit(scene, target.ref);
      await expectRefusal(scene, {
        snapshot: target,
        verify: { [nameOf(target)]: ['format'] },
        says: /the tag is of the snapshot artifacts\//,
        log: /has no event in the log/,
      });
    },
  },
  {
    id: 'older-in-place-of-newer',
    class: 'refs',
    attack: 'A ref is moved back to an older good snapshot, and pushed',
    plainGit:
      'the server accepts it in spite of `receive.denyNonFastForwards`, and a fetch without `+` moves the reader’s ref without a word',
    product: 'refuses: the tag says another name (`format`), and the log has another tag (`ref`)',
    run: async (scene) => {
      const { repo, good, other } = scene;
      const server = guardedServer(scene);
      const attacker = existing(tempDir());
      attacker.git('clone', '-q', '--bare', server.dir, '.');
      attacker.git('fetch', '-q', server.dir, ...MIRROR);
      attacker.git('push', '-q', '--force', server.dir, `${good.tag}:${other.ref}`);
      repo.git('fetch', '-q', server.dir, ...MIRROR);
      expect(repo.git('rev-parse', other.ref)).toBe(good.tag);
      expectGoodForGit(scene, other.ref);
      await expectRefusal(scene, {
        snapshot: other,
        verify: { [nameOf(other)]: ['format'] },
        says: new RegExp(`the tag is of the snapshot artifacts/${good.id}`),
        log: /event 4 tells of .* and it is at/,
      });
    },
  },
  {
    id: 'same-payload-signed-anew',
    class: 'refs',
    attack: 'A ref is moved to a tag with the same payload and another good signature',
    plainGit: '`verify-tag` is happy; the object id, which others may have noted, is another',
    product: 'refuses: the log names another tag (`log`)',
    run: async (scene) => {
      const { repo, good, people } = scene;
      const { payload } = splitTag(body(repo, 'tag', good.tag));
      await new Promise((resolve) => setTimeout(resolve, 1100));
      repo.git('update-ref', good.ref, store(repo, 'tag', payload + (await people.ada.sign(payload))));
      expect(repo.git('rev-parse', good.ref)).not.toBe(good.tag);
      expectGoodForGit(scene, good.ref);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'] },
        says: /event 3 tells of another tag/,
        log: /event 3 tells of .* and it is at/,
      });
    },
  },
  {
    id: 'deleted',
    class: 'refs',
    attack: 'A snapshot is deleted on the server',
    plainGit: 'accepted in spite of `receive.denyDeletes`; `fetch --prune` deletes it everywhere',
    product: 'reports it: the log tells of it, and its ref is gone (`ref`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const server = guardedServer(scene);
      repo.git('push', '-q', server.dir, `:${good.ref}`);
      repo.git('fetch', '-q', '--prune', server.dir, ...MIRROR);
      expect(() => repo.git('rev-parse', '--verify', '-q', good.ref)).toThrow();
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['ref'] },
        says: /event 3 tells of it, and its ref is gone/,
        log: /^ref: event 3 tells of .* and its ref is gone$/,
        rollbackSays: /no snapshot/,
        rollbackCode: 4,
      });
    },
  },
  {
    id: 'all-deleted',
    class: 'refs',
    attack:
      '`git push --mirror` from an empty repository, then `fetch --prune`: everything is gone, policy and log too',
    plainGit: 'accepted',
    product: 'refuses to do anything: there is no policy (exit 3), and none is believed but the one that was pinned',
    run: async (scene) => {
      const { repo, good, trustRoot } = scene;
      const server = guardedServer(scene);
      server.git('config', 'receive.denyDeletes', 'true');
      const empty = existing(tempDir());
      empty.git('init', '-q');
      empty.git('push', '-q', '--mirror', server.dir);
      repo.git('fetch', '-q', '--prune', server.dir, ...MIRROR);
      expect(repo.git('for-each-ref')).toBe('');
      await expectRefusal(scene, {
        snapshot: good,
        verify: 3,
        says: /has no snapshot policy/,
        log: /^exit 3/,
        create: 3,
        rollbackCode: 3,
      });
      expect(trustRoot).toMatch(/^sha256:/);
    },
  },
  {
    id: 'freeze',
    class: 'refs',
    attack: 'The host serves all refs as they were before: an old clone, replayed',
    plainGit: 'invisible: every signature is good',
    product:
      'refuses in every clone that saw more (`log`: it went back). A reader who never saw more, as the library, cannot know',
    run: async (scene) => {
      const { repo, good, other } = scene;
      repo.git('update-ref', LOG, `${LOG}~1`);
      repo.git('update-ref', '-d', other.ref);
      expectGoodForGit(scene, good.ref);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'] },
        says: /the log went back: event 4 .* which this clone has seen, is not in it any more/,
        log: /^went-back: /,
        create: 6,
        elsewhere: {},
      });
    },
  },
  {
    id: 'fork',
    class: 'refs',
    attack: 'Two histories of the log for two readers, each signed by a snapshotter',
    plainGit: 'a fetch without `+` moves `refs/notes/*` to the other history',
    product: 'refuses in every clone that saw one of them (`log`: it went back)',
    run: async (scene) => {
      const { repo, good, other, people } = scene;
      const server = guardedServer(scene);
      repo.git('update-ref', LOG, `${LOG}~1`);
      repo.git('update-ref', '-d', other.ref);
      const fork = await forgeSnapshot(scene, { by: people.ben });
      repo.git('push', '-q', '--force', '--prune', server.dir, ...MIRROR);
      repo.git('fetch', '-q', '--prune', server.dir, ...MIRROR);
      expectGoodForGit(scene, good.ref, fork.ref);
      await expectRefusal(scene, {
        snapshot: fork,
        verify: { [nameOf(good)]: ['log'], [nameOf(fork)]: ['log'] },
        says: /the log went back: event 4/,
        log: /^went-back: /,
        create: 6,
        elsewhere: {},
      });
    },
  },
  {
    id: 'policy-went-back',
    class: 'refs',
    attack: 'The policy’s ref is moved back to the version before, whose roots were others',
    plainGit: 'accepted',
    product: 'refuses where the newer one was seen (exit 6), and elsewhere, since the log tells of it',
    run: async (scene) => {
      const { repo, good } = scene;
      repo.git('update-ref', POLICY, `${POLICY}~1`);
      await expectRefusal(scene, {
        snapshot: good,
        verify: 6,
        says: /is version 1 .* and this clone has seen version 2/,
        log: /^exit 6/,
        create: 6,
        elsewhere: { [nameOf(good)]: ['log', 'policy'], [nameOf(scene.other)]: ['log', 'policy', 'signature'] },
      });
    },
  },
  {
    id: 'symbolic-ref',
    class: 'refs',
    attack: 'A symbolic ref among the snapshots, to a good one',
    plainGit: 'a valid ref; `verify-tag` is happy',
    product: 'refuses: the tag says another name (`format`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const target = asSnapshot('artifacts', OLD_NAME);
      repo.git('symbolic-ref', target.ref, good.ref);
      expectGoodForGit(scene, target.ref);
      await expectRefusal(scene, {
        snapshot: target,
        verify: { [nameOf(target)]: ['format'] },
        says: /the tag is of the snapshot/,
        log: /has no event in the log/,
      });
    },
  },
  {
    id: 'not-our-names',
    class: 'refs',
    attack:
      'Names that are options, shell, bidi and control characters, or twins: `--upload-pack=x`, `$(id)`, `Artifacts/…`',
    plainGit: 'all are valid refs; `for-each-ref` prints the bytes to the terminal as they are',
    product: 'reports each (`ref`), escaped, and passes none of them on',
    run: async (scene) => {
      const { repo, good } = scene;
      const names = [
        `artifacts/v1`,
        `artifacts/--upload-pack=touch`,
        `artifacts/$(id)`,
        `artifacts/\u202egnp`,
        `artifacts/\u0085\u009b31m`,
        `Artifacts/${good.id}`,
        `artifacts/${good.id.toLowerCase()}`,
        `artifacts/x/${good.id}`,
        `artifacts/${good.id}2`,
        `a.locked`,
      ];
      for (const name of names) repo.git('update-ref', `refs/snapshots/${name}`, good.tag);
      expect(repo.git('for-each-ref', '--format=%(refname)')).toContain('\u202e');
      expectGoodForGit(scene, `refs/snapshots/${names[1]}`);
      const { failed } = await verify(scene, '--all');
      expect(Object.values(failed ?? {})).toEqual(names.map(() => ['ref']));
      expect(Object.values((await verifyElsewhere(scene)).failed ?? {})).toEqual(names.map(() => ['ref']));
      for (const words of [
        ['snapshot', 'verify', '--all'],
        ['snapshot', 'list'],
        ['snapshot', 'status'],
      ]) {
        const { stdout, stderr } = await repo.run(words);
        expect(hasUnsafeCharacters((stdout + stderr).replaceAll('\n', ' '))).toBe(false);
      }
      await repo.ok('rollback', '--yes', good.id);
      expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('good\n');
    },
  },
  {
    id: 'directory-conflict',
    class: 'refs',
    attack: 'A ref where the snapshots of a set should be: `refs/snapshots/models`',
    plainGit: 'a valid ref; no snapshot of the set can be written from then on',
    product: 'reports it (`ref`); `create` fails and says which ref is in the way, and leaves nothing behind',
    run: async (scene) => {
      const { repo, good } = scene;
      repo.git('update-ref', 'refs/snapshots/models', good.tag);
      writeFileSync(join(repo.dir, 'models/m'), 'model\n');
      expect((await verify(scene, '--all')).failed).toEqual({ 'refs/snapshots/models': ['ref'] });
      expect((await verifyElsewhere(scene)).failed).toEqual({ 'refs/snapshots/models': ['ref'] });
      const before = repo.git('for-each-ref');
      const { code, stderr } = await scene.as('cy').run(['snapshot', 'create', '--set', 'models']);
      expect([5, 8], stderr).toContain(code);
      expect(stderr).toContain('refs/snapshots/models');
      expect(repo.git('for-each-ref')).toBe(before);
    },
  },
  {
    id: 'other-things',
    class: 'refs',
    attack: 'A snapshot’s ref on a tree, a commit or a blob',
    plainGit: 'accepted',
    product: 'refuses: names no tag (`format`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const target = asSnapshot('artifacts', OLD_NAME);
      for (const oid of [good.tree, repo.git('rev-parse', LOG), store(repo, 'blob', 'x')]) {
        repo.git('update-ref', target.ref, oid);
        await expectRefusal(scene, {
          snapshot: target,
          verify: { [nameOf(target)]: ['format'] },
          says: /names a (?:tree|commit|blob), not a tag/,
          log: /has no event in the log/,
        });
      }
    },
  },
  {
    id: 'replace-refs',
    class: 'refs',
    attack: '`refs/replace/*`: other content, and another parent in the log, behind the names that were signed',
    plainGit: '`verify-tag` is happy, `show` and `archive` give the other content',
    product: 'does not follow them: verifies and restores what was signed',
    run: async (scene) => {
      const { repo, good } = scene;
      repo.git('replace', '-f', repo.git('rev-parse', `${good.ref}:a`), store(repo, 'blob', 'evil\n'));
      repo.git('replace', '--graft', LOG, `${LOG}~3`);
      expectGoodForGit(scene, good.ref);
      expect(repo.git('show', `${good.ref}:a`)).toBe('evil');
      expect(repo.git('rev-list', '--count', LOG)).toBe('2');
      await expectGood(scene);
      await repo.ok('rollback', '--yes', good.id);
      expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('good\n');
    },
  },
  {
    id: 'replaced-tag',
    class: 'refs',
    attack: '`refs/replace/*` over a tag itself',
    plainGit: '`cat-file tag` prints the other tag under the same name',
    product: 'does not follow it',
    run: async (scene) => {
      const { repo, good } = scene;
      const tag = body(repo, 'tag', good.tag);
      repo.git('replace', '-f', good.tag, store(repo, 'tag', tag.replace('\n\ngood\n', '\n\nevil\n')));
      expect(repo.git('cat-file', 'tag', good.ref)).toContain('\n\nevil\n');
      await expectGood(scene);
      expect(await repo.ok('snapshot', 'show', good.id)).toContain('good');
    },
  },
  {
    id: 'grafts',
    class: 'refs',
    attack: '`.git/info/grafts` gives the log’s last event other parents',
    plainGit: '`git log` shows the other history',
    product: 'does not follow it',
    run: async (scene) => {
      const { repo } = scene;
      const [tip, first] = [repo.git('rev-parse', LOG), repo.git('rev-parse', `${LOG}~3`)];
      mkdirSync(join(repo.dir, '.git/info'), { recursive: true });
      writeFileSync(join(repo.dir, '.git/info/grafts'), `${tip} ${first}\n`);
      expect(repo.git('rev-list', '--count', LOG)).toBe('2');
      await expectGood(scene);
      await repo.ok('snapshot', 'create', '-m', 'more');
    },
  },
  {
    id: 'shallow',
    class: 'refs',
    attack: '`.git/shallow` cuts the log off at an event',
    plainGit: '`git log` ends there, with exit 0',
    product: 'refuses: an object is missing (exit 4), where these events were not verified before',
    run: async (scene) => {
      const { repo, good } = scene;
      writeFileSync(join(repo.dir, '.git/shallow'), `${repo.git('rev-parse', `${LOG}~1`)}\n`);
      expect(repo.git('rev-list', '--count', LOG)).toBe('2');
      // Who verified the events before keeps them; everybody else must read them.
      expect((await repo.run(['snapshot', 'verify', '--all'])).code).toBe(0);
      rmSync(keptFile(scene));
      await expectRefusal(scene, {
        snapshot: good,
        verify: 4,
        says: /is not in this repository/,
        log: /^exit 4/,
        rollbackCode: 4,
      });
    },
  },
  {
    id: 'alternates',
    class: 'refs',
    attack: 'An alternate object store has another content under the name of a blob',
    plainGit: '`show` prints it with exit 0',
    product: 'finds that the bytes have another name (`content`); the library refuses alternates by name',
    run: async (scene) => {
      const { repo, good } = scene;
      const hers = existing(tempDir());
      hers.git('init', '-q', '--bare');
      const oid = repo.git('rev-parse', `${good.ref}:a`);
      const file = `${oid.slice(0, 2)}/${oid.slice(2)}`;
      const evil = store({ dir: hers.dir }, 'blob', 'evil\n');
      mkdirSync(join(hers.dir, 'objects', oid.slice(0, 2)), { recursive: true });
      writeFileSync(
        join(hers.dir, 'objects', file),
        readFileSync(join(hers.dir, 'objects', evil.slice(0, 2), evil.slice(2))),
      );
      rmSync(join(repo.dir, '.git/objects', file));
      writeFileSync(join(repo.dir, '.git/objects/info/alternates'), `${hers.dir}/objects\n`);
      expect(repo.git('show', `${good.ref}:a`)).toBe('evil');
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['content'] },
        says: /its content has the name [0-9a-f]{40}/,
        backup: true,
        elsewhere: 3,
      });
    },
  },
  {
    id: 'lazy-fetch',
    class: 'refs',
    attack: 'A promisor remote whose "server" is a command, and an object that is missing',
    plainGit: 'runs the command to fetch the object',
    product: 'runs nothing: the object is missing (`content`); the library refuses partial clones by name',
    run: async (scene) => {
      const { repo, good } = scene;
      const oid = repo.git('rev-parse', `${good.ref}:a`);
      rmSync(join(repo.dir, '.git/objects', oid.slice(0, 2), oid.slice(2)));
      const mark = join(tempDir(), 'ran');
      repo.git('config', 'core.repositoryFormatVersion', '1');
      repo.git('config', 'extensions.partialClone', 'evil');
      repo.git('config', 'remote.evil.url', `ext::touch ${mark}`);
      repo.git('config', 'remote.evil.promisor', 'true');
      repo.git('config', 'protocol.ext.allow', 'always');
      expect(tryRun('git', ['show', `${good.ref}:a`], { cwd: repo.dir }).code).not.toBe(0);
      expect(existsSync(mark)).toBe(true);
      rmSync(mark);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['content'] },
        says: /content/,
        rollbackSays: /is not in this repository|cannot be read|missing/,
        backup: true,
        elsewhere: 3,
      });
      expect(existsSync(mark)).toBe(false);
    },
  },
  {
    id: 'other-repository',
    class: 'refs',
    attack: 'A good snapshot, and the whole log, of another repository of the same people',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: signed for another repository (`repository`), and the log is another’s',
    run: async (scene) => {
      const { repo, good, people } = scene;
      const second = existing(tempDir());
      second.git('init', '-q', '-b', 'main');
      const key = people.ada.publicKey.key.replace('openpgp:', '');
      const env = scene.env;
      await second.expect(0, ['snapshot', 'init', '--yes', '--no-passphrase', '--key', key], { env });
      mkdirSync(second.root);
      writeFileSync(join(second.root, 'a'), 'foreign\n');
      const made = await second.expect(0, ['snapshot', 'create', '--json', '-m', 'foreign'], { env });
      const { snapshot } = JSON.parse(made.stdout) as { snapshot: Scene['good'] };
      repo.git('fetch', '-q', second.dir, `${snapshot.ref}:refs/x/y`);
      repo.git('update-ref', snapshot.ref, snapshot.tag);
      expectGoodForGit(scene, snapshot.ref);
      await expectRefusal(scene, {
        snapshot,
        verify: { [nameOf(snapshot)]: ['log', 'policy', 'repository'] },
        says: /signed for repository [0-9a-f]{64}, this is/,
        log: /has no event in the log/,
      });
      repo.git('fetch', '-q', second.dir, '+refs/notes/snapshots:refs/notes/snapshots');
      await expectRefusal(scene, {
        snapshot,
        verify: {
          [nameOf(snapshot)]: ['log', 'policy', 'repository'],
          [nameOf(good)]: ['log'],
          [nameOf(scene.other)]: ['log'],
        },
        says: /is of repository/,
        rollbackSays: /the audit log is not to be believed: event 1: is of repository/,
        log: /repository: event 1: is of repository/,
        create: 6,
        elsewhere: {
          [nameOf(snapshot)]: ['log', 'policy', 'repository'],
          [nameOf(good)]: ['log'],
          [nameOf(scene.other)]: ['log'],
        },
      });
    },
  },
  {
    id: 'unsigned-newest',
    class: 'refs',
    attack: 'A forged newest snapshot, for `rollback latest` to find',
    plainGit: '`for-each-ref --sort=-creatordate` puts it first',
    product: '`latest` and `current` pass it over, with a warning; by its name it is refused',
    run: async (scene) => {
      const { repo, good, other } = scene;
      const forged = store(repo, 'tag', body(repo, 'tag', other.ref).replace('\n\nother\n', '\n\nevil!\n'));
      repo.git('update-ref', other.ref, forged);
      expect(verifyTag(scene, other.ref).good).toBe(false);
      expect(
        repo.git('for-each-ref', '--sort=-creatordate', '--count=1', '--format=%(refname)', 'refs/snapshots'),
      ).toBe(other.ref);
      for (const words of [['rollback', 'latest'], ['rollback'], ['rollback', 'current']]) {
        const { stderr, stdout } = await repo.expect(0, [...words, '--set', 'artifacts', '--dry-run', '--json']);
        expect(JSON.parse(stdout)).toMatchObject({ to: good.id });
        if (words[1] === 'latest') expect(stderr).toContain(`'${other.ref}' is passed over`);
      }
      await repo.expect(6, ['rollback', '--dry-run', '--set', 'artifacts', other.id]);
    },
  },
  {
    id: 'forged-backup',
    class: 'refs',
    attack: 'A forged snapshot of what the directory holds now, to be taken for the backup',
    plainGit: 'nothing compares',
    product: 'makes a backup of its own; `--undo` brings everything back',
    run: async (scene) => {
      const { repo, good } = scene;
      const clone = existing(tempDir());
      tryRun('cp', ['-r', `${repo.dir}/.`, clone.dir], { cwd: repo.dir });
      const taken = await clone.expect(0, ['snapshot', 'create', '--set', 'artifacts', '--json', '-m', 'real'], {
        env: scene.env,
      });
      const { snapshot: real } = JSON.parse(taken.stdout) as { snapshot: Scene['good'] };
      repo.git('fetch', '-q', clone.dir, `${real.ref}:refs/x/y`);
      repo.git(
        'update-ref',
        real.ref,
        store(repo, 'tag', body(repo, 'tag', real.tag).replace('\n\nreal\n', '\n\nfake\n')),
      );
      const before = look(repo.root);
      await repo.ok('rollback', '--yes', '--set', 'artifacts', good.id);
      await repo.ok('rollback', '--yes', '--set', 'artifacts', '--undo');
      expect(look(repo.root)).toEqual(before);
    },
  },
  {
    id: 'link-for-a-ref',
    class: 'refs',
    attack: 'A symbolic link to a file elsewhere, in the place of a ref’s file',
    plainGit: 'follows it',
    product: 'judges what it leads to as any other ref: the tag says another name (`format`)',
    run: async (scene) => {
      const { repo, good } = scene;
      const target = asSnapshot('artifacts', OLD_NAME);
      const outside = join(tempDir(), 'ref');
      writeFileSync(outside, `${good.tag}\n`);
      mkdirSync(join(repo.dir, '.git/refs/snapshots/artifacts'), { recursive: true });
      symlinkSync(outside, join(repo.dir, '.git', target.ref));
      expect(repo.git('rev-parse', target.ref)).toBe(good.tag);
      await expectRefusal(scene, {
        snapshot: target,
        verify: { [nameOf(target)]: ['format'] },
        says: /the tag is of the snapshot|is missing/,
        log: /has no event in the log/,
      });
    },
  },
];
