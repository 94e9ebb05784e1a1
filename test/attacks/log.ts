import { createHash, createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { SHA1 } from '../../src/core/oid.ts';
import { openCacheAuthenticator } from '../../src/sign/memory-key.ts';
import { type Authenticate, decodeState, encodeState } from '../../src/workdir/stat-cache/cache-state.ts';
import { withApp } from '../support/open-app.ts';
import type { Attack } from './support/attack.ts';
import {
  body,
  forgeEvent,
  forgeSnapshot,
  LOG,
  type Loose,
  lastEvent,
  sha256,
  signedCommit,
  store,
} from './support/forge.ts';
import { expectGoodForGit } from './support/plain-git.ts';
import { expectGood, expectRefusal, logFindings, stateOf, verify } from './support/refusal.ts';
import type { PersonName, Scene } from './support/scene.ts';

const nameOf = ({ set, id }: { set: string; id: string }) => `${set}/${id}`;
const ZERO = '0'.repeat(64);

interface OnTop {
  readonly id: string;
  readonly attack: string;
  readonly plainGit: string;
  readonly product: string;
  /** Puts something on the log. */
  readonly make: (scene: Scene) => Promise<unknown> | unknown;
  readonly says: RegExp;
  readonly log: RegExp;
}

/** Something on top of the log that is no event. Nothing is believed until an auditor has repaired it, and all is then. */
const onTop = ({ id, attack, plainGit, product, make, says, log }: OnTop): Attack => ({
  id,
  class: 'log',
  attack,
  plainGit,
  product,
  run: async (scene) => {
    const { repo, good, other, env } = scene;
    const tip = repo.git('rev-parse', LOG);
    await make(scene);
    expect(repo.git('rev-parse', LOG)).not.toBe(tip);
    expectGoodForGit(scene, good.ref);
    const said = repo.git('log', '--format=%H %s', LOG);
    expect(said).toContain(tip);
    await expectRefusal(scene, {
      snapshot: good,
      verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
      says,
      log,
      create: 6,
    });
    // The finding names its commit.
    expect((await repo.run(['snapshot', 'log'])).stderr).toContain(repo.git('rev-parse', LOG));
    await withApp(repo, (app) => app.repairLog({ message: 'somebody wrote on it', confirm: undefined }), { env });
    await expectGood(scene);
    expect(await logFindings(scene)).toBe('');
    expect(repo.git('log', '--format=%H', LOG)).toContain(said.split(' ')[0]);
  },
});

const event = (
  id: string,
  attack: string,
  {
    by,
    report,
    change,
    says,
  }: { by: PersonName; report: Loose | Record<string, unknown>; change?: (event: Loose) => void; says: RegExp },
  product = 'refuses: nothing is believed, and nothing written, until an auditor has repaired the log (`log`)',
): Attack =>
  onTop({
    id,
    attack,
    plainGit: 'accepted: to git the log is a branch like any other',
    product,
    make: (scene) => forgeEvent(scene, scene.people[by], { report: resolve(report, scene), change }),
    says,
    log: says,
  });

/** Names that only the scene knows. */
function resolve(report: Record<string, unknown>, { good }: Scene): Record<string, unknown> {
  const name = { id: good.id, tag: good.tag, payload: good.payload };
  return Object.fromEntries(Object.entries(report).map(([key, value]) => [key, value === 'GOOD' ? name : value]));
}

const ROLLBACK = {
  type: 'rollback',
  set: 'artifacts',
  operation: '0'.repeat(32),
  action: 'rollback',
  outcome: 'applied',
  to: 'GOOD',
  from: 'GOOD',
  changes: { created: 0, replaced: 0, deleted: 0, modes: 0 },
  durationMs: 1,
};
const REHEARSAL = {
  type: 'rehearsal',
  set: 'artifacts',
  snapshot: 'GOOD',
  verdict: 'pass',
  criteria: [{ criterion: 'exact', limit: 'all', value: 'all', ok: true }],
  recoveryMs: 1,
  phases: [],
  files: 1,
  bytes: 1,
  report: `sha256:${ZERO}`,
};
const REPAIR = { type: 'repair', tip: '1'.repeat(40), skipped: [] };

const ON_TOP: readonly Attack[] = [
  onTop({
    id: 'notes-append',
    attack: 'An accident: `git notes --ref=snapshots append`',
    plainGit: 'a commit that nobody signed on top of the log; its note reads like ours',
    product: 'refuses: nothing is believed, and nothing written, until an auditor has repaired the log (`log`)',
    make: ({ repo, good }) => repo.git('notes', '--ref=snapshots', 'append', '-m', 'approved by ada', good.tag),
    says: /the commit is not signed/,
    log: /^format: event [0-9a-f]{40}: the commit is not signed$/,
  }),
  onTop({
    id: 'notes-remove',
    attack: 'A note is removed: `git notes remove`',
    plainGit: '`git notes show` has nothing to tell of the snapshot any more',
    product: 'refuses until an auditor has repaired the log, which makes the notes anew (`log`)',
    make: ({ repo, other }) => repo.git('notes', '--ref=snapshots', 'remove', other.tag),
    says: /the commit is not signed/,
    log: /the commit is not signed/,
  }),
  onTop({
    id: 'notes-prune',
    attack: 'An accident: `git notes prune` after a snapshot’s object is gone',
    plainGit: 'the note of the missing object is removed, in a commit that nobody signed',
    product: 'refuses until an auditor has repaired the log (`log`)',
    make: ({ repo }) => {
      const note = store(repo, 'blob', 'gone');
      repo.git('notes', '--ref=snapshots', 'add', '-m', 'x', note);
      rmSync(join(repo.dir, '.git/objects', note.slice(0, 2), note.slice(2)));
      repo.git('notes', '--ref=snapshots', 'prune');
    },
    says: /the commit is not signed/,
    log: /the commit is not signed/,
  }),
  onTop({
    id: 'merge',
    attack: 'A merge on top of the log, as `git notes merge` makes it',
    plainGit: 'accepted',
    product: 'refuses: an event has one parent (`log`)',
    make: ({ repo }) =>
      repo.git('update-ref', LOG, repo.git('commit-tree', '-p', LOG, '-p', `${LOG}~1`, '-m', 'x', `${LOG}^{tree}`)),
    says: /the commit is not signed|headers that are not allowed/,
    log: /^format: /,
  }),
  onTop({
    id: 'signed-merge',
    attack: 'A merge that a snapshotter signed',
    plainGit: 'accepted; `git log --show-signature` says that it is good',
    product: 'refuses: an event has one parent (`log`)',
    make: (scene) =>
      forgeEvent(scene, scene.people.ben, {
        report: resolve(ROLLBACK, scene),
        parents: [scene.repo.git('rev-parse', LOG), scene.repo.git('rev-parse', `${LOG}~1`)],
      }),
    says: /headers that are not allowed/,
    log: /^format: /,
  }),
  onTop({
    id: 'unsigned-event',
    attack: 'An event that nobody signed',
    plainGit: 'accepted',
    product: 'refuses (`log`)',
    make: ({ repo }) => {
      const tip = body(repo, 'commit', LOG);
      const { seq } = lastEvent(repo);
      const next = tip
        .replace(/\nparent .{40}/, `\nparent ${repo.git('rev-parse', LOG)}`)
        .replace(`"seq":${seq}`, `"seq":${seq + 1}`);
      repo.git('update-ref', LOG, store(repo, 'commit', next));
    },
    says: /has a bad signature: the signature does not match the content/,
    log: /^signature: event 5/,
  }),
  onTop({
    id: 'replayed-event',
    attack: 'An earlier event once more, with its good signature',
    plainGit: 'accepted (`git cherry-pick` makes such commits)',
    product: 'refuses: the signature covers the parent, and the number is taken (`log`)',
    make: ({ repo }) => {
      const old = body(repo, 'commit', `${LOG}~1`);
      repo.git(
        'update-ref',
        LOG,
        store(repo, 'commit', old.replace(/\nparent .{40}/, `\nparent ${repo.git('rev-parse', LOG)}`)),
      );
    },
    says: /is number 3, and follows number 4/,
    log: /^order: /,
  }),
  onTop({
    id: 'other-first-line',
    attack: 'A signed event whose first line tells of something else',
    plainGit: '`git log --oneline` shows the lie',
    product: 'refuses: the line is what the event comes to (`log`)',
    make: (scene) =>
      forgeEvent(scene, scene.people.ada, { report: resolve(ROLLBACK, scene), subject: 'approval: of everything' }),
    says: /not in canonical form/,
    log: /^format: /,
  }),
  event('unknown-type', 'A signed event of a type that we do not know', {
    by: 'ada',
    report: { type: 'party', set: 'artifacts' },
    says: /the event's 'type'/,
  }),
  event('unknown-event-field', 'A signed event with a field that we do not know', {
    by: 'ada',
    report: { ...ROLLBACK, emergency: true },
    says: /emergency|Unrecognized/i,
  }),
  event('no-number', 'A signed event with a number left out', {
    by: 'ada',
    report: ROLLBACK,
    change: (it) => {
      it.seq += 1;
    },
    says: /is number 6, and follows number 4/,
  }),
  event('event-of-another-repository', 'A signed event of another repository of the same people', {
    by: 'ada',
    report: ROLLBACK,
    change: (it) => {
      it.repository = ZERO;
    },
    says: /event 5: is of repository 0{64}, this is/,
  }),
  event('other-policy-digest', 'A signed event under a policy that there never was', {
    by: 'ada',
    report: ROLLBACK,
    change: (it) => {
      it.policy = { version: 2, digest: `sha256:${ZERO}` };
    },
    says: /was made under version 2 \(sha256:0{64}\), in force was version 2/,
  }),
  event('rollback-by-no-releaser', 'A snapshotter tells of a rollback, so that `current` means something else', {
    by: 'ben',
    report: ROLLBACK,
    says: /ben \(openpgp:[0-9A-F]{40}\) does not have the role 'releaser' for the set 'artifacts'; version 2 gives it to ada/,
  }),
  event(
    'rehearsal-by-nobody',
    'Somebody without a role tells of a rehearsal that passed, so that a gate lets a snapshot through',
    {
      by: 'dan',
      report: REHEARSAL,
      says: /dan \(openpgp:[0-9A-F]{40}\) does not have the role 'releaser' for the set 'artifacts'/,
    },
  ),
  event('repair-by-no-auditor', 'Somebody without the role repairs the log', {
    by: 'ben',
    report: REPAIR,
    says: /ben \(openpgp:[0-9A-F]{40}\) does not have the role 'auditor'/,
  }),
  event('repair-of-nothing', 'An auditor’s repair that names commits which are not there', {
    by: 'ada',
    report: { ...REPAIR, skipped: ['2'.repeat(40)] },
    says: /is a repair of 1 commit, and there are 0/,
  }),
  event('event-by-a-stranger', 'An event by a key that is not in the policy', {
    by: 'eve',
    report: ROLLBACK,
    says: /is signed by openpgp:[0-9A-F]{40}, which was not in the policy at that place/,
  }),
  onTop({
    id: 'repair-that-leaves-one-out',
    attack: 'An auditor’s repair that passes over fewer commits than there are',
    plainGit: 'accepted',
    product: 'refuses: it has to name each (`log`)',
    make: async (scene) => {
      const { repo, people, good } = scene;
      repo.git('notes', '--ref=snapshots', 'append', '-m', 'one', good.tag);
      const one = repo.git('rev-parse', LOG);
      repo.git('notes', '--ref=snapshots', 'append', '-m', 'two', good.tag);
      const last = lastEvent(repo, `${one}~1`);
      await forgeRepair(scene, { ...last, type: 'repair' }, [one], people.ada.name);
    },
    says: /is a repair of 1 commit, and there are 2|the commit is not signed/,
    log: /^log: event 5: is a repair of 1 commit, and there are 2$/m,
  }),
];

async function forgeRepair(scene: Scene, last: Loose, skipped: string[], by: PersonName): Promise<void> {
  const { repo, people } = scene;
  const { format, repository, policy, seq } = last as Loose & { format: number };
  const repair = {
    format,
    repository,
    policy,
    seq: seq + 1,
    at: new Date().toISOString().replace(/\.\d+/, ''),
    actor: by,
    key: people[by].publicKey.key,
    type: 'repair',
    tip: repo.git('rev-parse', LOG),
    skipped,
  };
  const message = `repair: ${skipped.length} commits passed over\n\n${canonicalJson(repair)}\n`;
  const commit = await signedCommit({
    repo,
    by: people[by],
    message,
    tree: repo.git('rev-parse', `${LOG}^{tree}`),
    parents: [repo.git('rev-parse', LOG)],
  });
  repo.git('update-ref', LOG, commit);
}

/** The only file that is remembered of the clone, outside the repository. */
function memoryFile({ env, repo }: Scene): string {
  // The scene is a copy, and what was remembered of its original is there too.
  const [clone = '', repository = ''] = readFileSync(join(repo.dir, '.git/snapshot/clone'), 'latin1').split(/[ \n]/);
  return join(env.XDG_CONFIG_HOME, 'git-snapshot/seen', repository, clone);
}

export const LOG_ATTACKS: readonly Attack[] = [
  ...ON_TOP,
  {
    id: 'truncated',
    class: 'log',
    attack: 'The last event is cut off',
    plainGit: 'accepted: a ref that moved back',
    product:
      'refuses: the log went back (`log`); a reader who saw nothing yet finds a snapshot without an event (`log`)',
    run: async (scene) => {
      const { repo, good, other } = scene;
      repo.git('update-ref', LOG, `${LOG}~1`);
      expectGoodForGit(scene, good.ref, other.ref);
      await expectRefusal(scene, {
        snapshot: other,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /the log went back: event 4/,
        log: /^went-back: .*has no event in the log$/s,
        create: 6,
        elsewhere: { [nameOf(other)]: ['log'] },
      });
    },
  },
  {
    id: 'gone',
    class: 'log',
    attack: 'The log’s ref is deleted',
    plainGit: 'accepted',
    product: 'refuses, and begins no other (`log`)',
    run: async (scene) => {
      const { repo, good, other } = scene;
      repo.git('update-ref', '-d', LOG);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /the audit log is gone/,
        log: /the audit log is gone/,
        create: 6,
      });
      for (const { ref } of [good, other]) repo.git('update-ref', '-d', ref);
      expect((await verify(scene, '--all')).failed).toEqual({ [LOG]: ['log'] });
    },
  },
  {
    id: 'reordered',
    class: 'log',
    attack: 'The last two events change places, each with its own signature',
    plainGit: 'accepted (`git rebase` makes such histories)',
    product: 'refuses: each signature covers all that is before it (`log`)',
    run: async (scene) => {
      const { repo, good, other } = scene;
      const reparent = (rev: string, parent: string) =>
        store(repo, 'commit', body(repo, 'commit', rev).replace(/\nparent .{40}/, `\nparent ${parent}`));
      const first = reparent(LOG, repo.git('rev-parse', `${LOG}~2`));
      repo.git('update-ref', LOG, reparent(`${LOG}~1`, first));
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /is number 4, and follows number 2/,
        log: /^order: /,
        create: 6,
      });
    },
  },
  {
    id: 'lying-notes',
    class: 'log',
    attack: 'A good event by a snapshotter, whose notes say something else of an older snapshot',
    plainGit: '`git notes show` prints the lie, and `git log --show-signature` says that it is good',
    product:
      '`log --verify` finds that the notes are not what the events come to (`notes`); nothing is decided by notes',
    run: async (scene) => {
      const { repo, good, people, env } = scene;
      const tip = repo.git('rev-parse', LOG);
      repo.git('notes', '--ref=snapshots', 'add', '-f', '-m', '2026-11-22T00:00:00Z #3 ada: approved', good.tag);
      const tree = repo.git('rev-parse', `${LOG}^{tree}`);
      repo.git('update-ref', LOG, tip);
      await forgeSnapshot(scene, { by: people.ben, unlogged: true }).then(async ({ id, tag, payload, manifest }) =>
        forgeEvent(scene, people.ben, {
          report: {
            type: 'snapshot',
            set: 'artifacts',
            snapshot: { id, tag, payload },
            manifest,
            subject: 'good',
            kinds: [],
          },
          tree,
        }),
      );
      expect(repo.git('notes', '--ref=snapshots', 'show', good.tag)).toContain('approved');
      await expectGood(scene);
      expect(await logFindings(scene)).toMatch(/^notes: the notes of event 5 are not what the events come to/);
      await withApp(repo, (app) => app.repairLog({ message: 'x', confirm: undefined }), { env });
      expect(repo.git('notes', '--ref=snapshots', 'show', good.tag)).not.toContain('approved');
      expect(await logFindings(scene)).toBe('');
    },
  },
  {
    id: 'edited-memory',
    class: 'log',
    attack: 'The file that remembers how far the log was verified is edited, to vouch for a forged event',
    plainGit: 'has no such thing',
    product:
      'takes the file for absent: it is authenticated by a key of the user’s (HMAC). Everything is verified anew',
    run: async (scene) => {
      const { good, other, people } = scene;
      const file = memoryFile(scene);
      const before = readFileSync(file, 'utf8');
      const forged = await forgeEvent(scene, people.eve, { report: resolve(ROLLBACK, scene) });
      const edited = before.replace(/"oid":"[0-9a-f]{40}"/, `"oid":"${forged}"`).replace('"seq":4', '"seq":5');
      expect(edited).not.toBe(before);
      writeFileSync(file, edited);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /which was not in the policy at that place/,
        log: /^signature: event 5/,
        create: 6,
      });
    },
  },
  {
    id: 'memory-of-another-clone',
    class: 'log',
    attack: 'The clone is given another name, so that what it remembers is not found',
    plainGit: 'has no such thing',
    product:
      'verifies everything anew: a forged event is found as before; only that something went back is not noticed',
    run: async (scene) => {
      const { repo, good, other, people } = scene;
      writeFileSync(
        join(repo.dir, '.git/snapshot/clone'),
        readFileSync(join(repo.dir, '.git/snapshot/clone'), 'latin1').replace(/^.{32}/, 'ab'.repeat(16)),
      );
      await expectGood(scene);
      await forgeEvent(scene, people.eve, { report: resolve(ROLLBACK, scene) });
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /which was not in the policy at that place/,
        log: /^signature: event 5/,
        create: 6,
      });
    },
  },
  {
    id: 'edited-listing-cache',
    class: 'log',
    attack: 'The cache of listings says that a forged snapshot is a good one',
    plainGit: 'has no such thing',
    product: 'a list can lie; `verify`, `show` and `rollback` read the tag itself, and refuse',
    run: async (scene) => {
      const { repo, good } = scene;
      const forged = store(repo, 'tag', body(repo, 'tag', good.tag).replace('\n\ngood\n', '\n\nevil\n'));
      repo.git('update-ref', good.ref, forged);
      const dir = join(repo.dir, '.git/snapshot');
      for (const name of readdirSync(dir).filter((file) => file.startsWith('listing-'))) {
        writeFileSync(join(dir, name), readFileSync(join(dir, name), 'utf8').replaceAll(good.tag, forged));
      }
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log', 'signature'] },
        says: /does not match the content/,
        log: /and it is at/,
      });
    },
  },
  {
    id: 'doctored-expected',
    class: 'log',
    attack: 'The file that says which snapshot the directory should be names a forged one',
    plainGit: 'has no such thing',
    product: '`rollback` judges whatever is named there, and refuses',
    run: async (scene) => {
      const { repo, good, other } = scene;
      const forged = store(repo, 'tag', body(repo, 'tag', other.tag).replace('\n\nother\n', '\n\nevil!\n'));
      repo.git('update-ref', other.ref, forged);
      const file = join(repo.dir, '.git/snapshot/cache/artifacts/expected');
      expect(existsSync(file)).toBe(true);
      writeFileSync(file, readFileSync(file, 'utf8').replace(/[0-9a-f]{40}/, forged));
      const before = stateOf(repo);
      const { code, stdout, stderr } = await repo.run([
        'rollback',
        '--yes',
        '--set',
        'artifacts',
        '--dry-run',
        '--json',
      ]);
      expect([0, 6], stderr).toContain(code);
      if (code === 0) expect(JSON.parse(stdout)).toMatchObject({ to: good.id });
      expect(stateOf(repo)).toEqual(before);
    },
  },
  {
    id: 'doctored-stat-cache',
    class: 'log',
    attack: 'The stat cache is doctored to say that a changed file is what it was in an older snapshot',
    plainGit: 'its own index can be doctored in the same way',
    product:
      'takes the cache for absent, without your key (HMAC): everything is read anew. Who acts as you can do it, as they could replace the program',
    run: async (scene) => {
      const { repo, env } = scene;
      writeFileSync(join(repo.root, 'a'), 'old\n');
      const older = await repo.take('--set', 'artifacts', '-m', 'older');
      writeFileSync(join(repo.root, 'a'), 'now\n');
      // A file that was changed just now is not vouched for.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const newest = await repo.take('--set', 'artifacts', '-m', 'newest');
      const configDir = join(env.XDG_CONFIG_HOME, 'git-snapshot');
      const ours = await openCacheAuthenticator(configDir, { gitDir: join(repo.dir, '.git'), set: 'artifacts' });
      if (ours === undefined) throw new Error('there is no key');
      const cache = join(repo.dir, '.git/snapshot/cache/artifacts');
      const kept = readdirSync(cache).map((name) => [name, readFileSync(join(cache, name))] as const);
      const forgers: readonly (readonly [Authenticate, content: string])[] = [
        [(text) => sha256(text), 'now'],
        [(text) => createHmac('sha256', 'another key').update(text).digest('hex'), 'now'],
        [ours, 'old'],
      ];
      for (const [i, [authenticate, content]] of forgers.entries()) {
        for (const [name, bytes] of kept) writeFileSync(join(cache, name), bytes);
        doctor(scene, { from: newest.ref, to: older.ref, ours, authenticate });
        writeFileSync(join(repo.root, 'c'), `${i}\n`);
        const next = await repo.take('--set', 'artifacts', '-m', 'next');
        expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('now\n');
        expect(repo.git('show', `${next.ref}:a`)).toBe(content);
        await expectGood(scene);
      }
    },
  },
];

/** Has the cache say of file `a`, as it is on the disk, that it is what it was in another snapshot. */
function doctor(
  { repo }: Scene,
  { ours, authenticate, ...refs }: { from: string; to: string; ours: Authenticate; authenticate: Authenticate },
): void {
  const dir = join(repo.dir, '.git/snapshot/cache/artifacts');
  const [now, then] = [refs.from, refs.to].map((rev) => ({
    oid: repo.git('rev-parse', `${rev}:a`),
    sha256: sha256(body(repo, 'blob', `${rev}:a`)),
  }));
  if (now === undefined || then === undefined) throw new Error('two snapshots are compared');
  const state = decodeState(readFileSync(join(dir, 'state'), 'latin1'), { format: SHA1, authenticate: ours });
  if (state === undefined) throw new Error('there is no cache');
  const edit = (file: 'manifest' | 'index', change: (bytes: string) => string): string => {
    const bytes = change(readFileSync(join(dir, file), 'latin1'));
    writeFileSync(join(dir, file), bytes, 'latin1');
    return sha256(bytes);
  };
  const raw = (oid: string) => Buffer.from(oid, 'hex').toString('latin1');
  const files = {
    ...state.files,
    manifest: edit('manifest', (text) => text.replace(now.sha256, then.sha256)),
    index: edit('index', (bytes) => {
      const changed = bytes.slice(0, -20).replace(raw(now.oid), raw(then.oid));
      return changed + createHash('sha1').update(changed, 'latin1').digest().toString('latin1');
    }),
  };
  writeFileSync(join(dir, 'state'), encodeState({ ...state, files }, authenticate), 'latin1');
}
