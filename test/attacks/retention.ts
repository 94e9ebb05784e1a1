import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SnapshotDocument } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import type { Attack } from './support/attack.ts';
import {
  announce,
  body,
  forgeEvent,
  forgePolicy,
  LOG,
  type Loose,
  lastEvent,
  sha256,
  splitTag,
  store,
} from './support/forge.ts';
import { logFindings } from './support/refusal.ts';
import type { PersonName, Scene } from './support/scene.ts';

const WHY = ['-m', 'why', '--yes'];

interface Kept extends Scene {
  /** In the trash, and the newest of all. */
  readonly pruned: SnapshotDocument;
  readonly newest: SnapshotDocument;
  readonly holdRef: string;
  readonly trashRef: string;
}

/**
 * Ada and ben are pruners; both must agree to erase, and a hold is released by the other. `good` is held by ada, `other` is live
 * in `staging`, `pruned` is in the trash since just now, and `newest` is kept.
 */
async function kept(scene: Scene): Promise<Kept> {
  const { repo, people, good, other } = scene;
  const policy = await forgePolicy(scene, {
    change: (written) => {
      written['environments'] = { staging: {} };
      written['retention'] = { keepLast: 1, grace: '2d' };
      written['holds'] = { releaseBy: 'another' };
      written.roles['promoter'] = { people: ['ada'], threshold: 1 };
      written.roles['pruner'] = { people: ['ada', 'ben'], threshold: 2 };
    },
    signers: [people.ada, people.ben],
  });
  await announce(scene, people.ben, policy);
  await repo.ok('snapshot', 'hold', good.id, '--case', 'audit', '-m', 'Asked for');
  await repo.ok('snapshot', 'promote', other.id, 'staging', ...WHY);
  const take = (content: string) => {
    writeFileSync(join(repo.root, 'a'), `${content}\n`);
    return repo.at(Date.now() + (content === 'newest' ? 2000 : 1000)).take('-m', content);
  };
  const pruned = await take('pruned');
  const newest = await take('newest');
  const done = await repo.json('snapshot', 'prune', '--apply', '--yes');
  expect(done).toMatchObject({ remove: [{ id: pruned.id }] });
  expect(await logFindings(scene)).toBe('');
  const holdRef = `refs/holds/artifacts/${good.id}/audit`;
  return { ...scene, pruned, newest, holdRef, trashRef: `refs/trash/artifacts/${pruned.id}` };
}

const nameOf = ({ id, tag, payload }: SnapshotDocument) => ({ id, tag, payload });
const tombstone = (snapshot: SnapshotDocument) => ({
  ...nameOf(snapshot),
  tree: snapshot.tree,
  manifest: snapshot.manifest,
  rule: 'not kept',
});
const prune = (removed: readonly SnapshotDocument[], dropped: readonly SnapshotDocument[] = []) => ({
  type: 'prune',
  set: 'artifacts',
  plan: `sha256:${'0'.repeat(64)}`,
  removed: removed.map(tombstone),
  dropped: dropped.map(nameOf),
});

interface Deed extends Omit<Attack, 'class' | 'run'> {
  readonly make: (scene: Kept) => Promise<unknown> | unknown;
  /** In what `log --verify` says. */
  readonly log: RegExp;
  /** More that must hold. */
  readonly also?: (scene: Kept) => Promise<unknown>;
}

/** Refs that are not what the log says. */
const refs = ({ make, log, also, ...told }: Deed): Attack => ({
  ...told,
  class: 'retention',
  run: async (given) => {
    const scene = await kept(given);
    await make(scene);
    expect(await logFindings(scene)).toMatch(log);
    await also?.(scene);
  },
});

interface Forged {
  readonly id: string;
  readonly attack: string;
  readonly by?: PersonName;
  readonly report: (scene: Kept) => Readonly<Record<string, unknown>>;
  readonly change?: (event: Loose) => void;
  readonly log: RegExp;
}

/** An event that the rules forbid, with the refs moved as it says. Nothing is written on top before an auditor has repaired the log. */
const forged = ({ id, attack, by = 'ben', report, change, log }: Forged): Attack =>
  refs({
    id,
    attack,
    plainGit: 'accepted: to git the log is a branch like any other, and refs are anybody’s to move',
    product: 'a finding; nothing is pruned, held or erased until an auditor has repaired the log',
    make: (scene) => forgeEvent(scene, scene.people[by], { report: report(scene), change }),
    log,
    also: async (scene) => {
      const { repo, env } = scene;
      const before = repo.git('for-each-ref');
      for (const words of [['prune', '--apply', '--yes'], ['undelete', scene.pruned.id], ['trash']]) {
        const { code, stderr } = await repo.run(['snapshot', ...words]);
        expect(code, `${words.join(' ')}: ${stderr}`).toBe(6);
        expect(stderr).toContain('the audit log is not to be believed');
      }
      expect(repo.git('for-each-ref')).toBe(before);
      await withApp(repo, (app) => app.repairLog({ message: 'somebody wrote on it', confirm: undefined }), { env });
      expect(await logFindings(scene)).toBe('');
    },
  });

const refused = async ({ repo }: Kept, words: readonly string[], says: RegExp) => {
  const { code, stderr } = await repo.run(words);
  expect([code, stderr], words.join(' ')).toEqual([6, expect.stringMatching(says)]);
};

export const RETENTION_ATTACKS: readonly Attack[] = [
  refs({
    id: 'trash-deleted',
    attack: 'A ref of the trash is deleted before its grace period is over',
    plainGit: 'gone without a trace, and with the next `git gc` for good',
    product: '`log --verify` names it; `undelete` says that it is gone, and where to look for it',
    make: ({ repo, trashRef }) => repo.git('update-ref', '-d', trashRef),
    log: /^ref: event \d+ tells of 'refs\/trash\/artifacts\/\S+' at \w+, and its ref is gone$/,
    also: (scene) => refused(scene, ['snapshot', 'undelete', scene.pruned.id], /is gone or was moved/),
  }),
  refs({
    id: 'trash-moved',
    attack: 'A ref of the trash is moved to another snapshot’s tag',
    plainGit: 'accepted',
    product: '`log --verify` names it; `undelete` refuses',
    make: ({ repo, trashRef, good }) => repo.git('update-ref', trashRef, good.tag),
    log: /^ref: event \d+ tells of 'refs\/trash\/\S+' at \w+, and it is at \w+$/,
    also: (scene) => refused(scene, ['snapshot', 'undelete', scene.pruned.id], /is gone or was moved/),
  }),
  refs({
    id: 'trash-emptied-by-hand',
    attack: 'A snapshot is brought back from the trash by moving its ref, without an event',
    plainGit: 'a good tag under its own name',
    product: '`verify`, a rollback to it and a restore refuse it; `log --verify` names both refs',
    make: ({ repo, pruned, trashRef }) => {
      repo.git('update-ref', pruned.ref, pruned.tag);
      repo.git('update-ref', '-d', trashRef);
    },
    log: /'refs\/snapshots\/\S+' has no event in the log\n.*'refs\/trash\/\S+' at \w+, and its ref is gone/,
    also: async (scene) => {
      const { pruned, repo } = scene;
      await refused(scene, ['rollback', '--yes', pruned.id], /by the log it is in the trash/);
      await refused(scene, ['snapshot', 'restore', '--yes', pruned.id], /by the log it is in the trash/);
      expect((await repo.run(['snapshot', 'verify', pruned.id])).code).toBe(1);
    },
  }),
  refs({
    id: 'hold-deleted',
    attack: 'The ref of a hold is deleted',
    plainGit: 'gone without a trace',
    product: 'the hold stands: it follows from the log. `log --verify` names the ref',
    make: ({ repo, holdRef }) => repo.git('update-ref', '-d', holdRef),
    log: /^ref: event \d+ tells of 'refs\/holds\/\S+\/audit' at \w+, and its ref is gone$/,
    also: async ({ repo, good }) => {
      expect(await repo.json('snapshot', 'holds')).toMatchObject([{ snapshot: good.id, case: 'audit' }]);
      const plan = await repo.json<{ keep: { id: string; reasons: string[] }[] }>('snapshot', 'prune');
      expect(plan.keep).toContainEqual({ id: good.id, reasons: expect.arrayContaining(['hold audit']) });
      expect((await repo.run(['snapshot', 'erase', good.id, ...WHY])).code).toBe(5);
    },
  }),
  refs({
    id: 'hold-moved',
    attack: 'The ref of a hold is moved to the tag of another hold',
    plainGit: 'accepted; `git verify-tag` says that the tag is good',
    product: 'the hold stands; `log --verify` names the ref',
    make: async ({ repo, newest, holdRef }) => {
      await repo.ok('snapshot', 'hold', newest.id, '--case', 'audit', '-m', 'Another');
      repo.git('update-ref', holdRef, repo.git('rev-parse', `refs/holds/artifacts/${newest.id}/audit`));
    },
    log: /^ref: event \d+ tells of 'refs\/holds\/\S+\/audit' at \w+, and it is at \w+$/,
  }),
  refs({
    id: 'hold-of-another',
    attack: 'A hold is entered with the tag of a hold on another snapshot',
    plainGit: 'accepted; `git verify-tag` says that the tag is good',
    product: 'a finding: the tag is not of the snapshot that the event names',
    make: async (scene) => {
      const { repo, newest, holdRef, people } = scene;
      const tag = repo.git('rev-parse', holdRef);
      const payload = `sha256:${sha256(splitTag(body(repo, 'tag', tag)).payload)}`;
      const snapshot = nameOf(newest);
      const report = { type: 'hold', set: 'artifacts', case: 'audit', snapshot, tag, payload, reason: 'x' };
      await forgeEvent(scene, people.ada, { report });
      repo.git('update-ref', `refs/holds/artifacts/${newest.id}/audit`, tag);
    },
    log: /^ref: 'refs\/holds\/\S+': the tag says .*\n(.*\n)*snapshot: .*the tag says sha256:.*\n(.*\n)*object: /m,
  }),
  refs({
    id: 'prune-refs-unmoved',
    attack: 'An event tells of a prune, and the refs stay where they are',
    plainGit: 'accepted',
    product: '`log --verify` names the refs; what is said to be in the trash is neither restored nor brought back',
    make: async (scene) => {
      const { repo, people } = scene;
      await repo.ok('snapshot', 'undelete', scene.pruned.id);
      await forgeEvent(scene, people.ben, { report: prune([scene.pruned]) });
    },
    log: /'refs\/snapshots\/\S+' has no event in the log\n.*'refs\/trash\/\S+' at \w+, and its ref is gone/,
    also: async (scene) => {
      await refused(scene, ['rollback', '--yes', scene.pruned.id], /by the log it is in the trash/);
      await refused(scene, ['snapshot', 'undelete', scene.pruned.id], /is gone or was moved/);
    },
  }),
  forged({
    id: 'prune-held',
    attack: 'A pruner prunes what is held, with a program that does not ask',
    report: ({ good }) => prune([good]),
    log: /^hold: event \d+: removes artifacts\/\S+, which the hold 'audit' is on/m,
  }),
  forged({
    id: 'prune-live',
    attack: 'A pruner prunes what is live',
    report: ({ other }) => prune([other]),
    log: /^live: event \d+: removes artifacts\/\S+, which is live in staging/m,
  }),
  forged({
    id: 'prune-unknown',
    attack: 'A prune names a snapshot that there never was, so that one of that name cannot be taken',
    report: ({ newest }) => prune([{ ...newest, id: newest.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }]),
    log: /^snapshot: event \d+: is of artifacts\/\S+, which no event tells of/m,
  }),
  forged({
    id: 'prune-without-role',
    attack: 'Somebody of the policy who is no pruner prunes',
    by: 'cy',
    report: ({ newest }) => prune([newest]),
    log: /^role: event \d+: cy .* does not have the role 'pruner'/m,
  }),
  forged({
    id: 'drop-early',
    attack: 'The trash is emptied before the grace period is over',
    report: ({ pruned }) => prune([], [pruned]),
    log: /^grace: event \d+: drops artifacts\/\S+, whose grace period ends at/m,
  }),
  forged({
    id: 'undelete-kept',
    attack: 'Something is brought back that was never pruned, under another tag',
    report: ({ newest, good }) => ({
      type: 'undelete',
      set: 'artifacts',
      snapshot: { ...nameOf(newest), tag: good.tag },
    }),
    log: /^snapshot: event \d+: is of artifacts\/\S+ as \w+, and that is \w+/m,
  }),
  forged({
    id: 'erase-alone',
    attack: 'One pruner erases what takes two',
    report: ({ newest }) => ({
      type: 'erase',
      set: 'artifacts',
      action: 'erase',
      snapshots: [nameOf(newest)],
      reason: 'x',
    }),
    log: /^threshold: event \d+: 2 pruners must agree to erase this, and there are 1/m,
  }),
  forged({
    id: 'release-own',
    attack: 'Who holds a snapshot releases it, where another has to',
    by: 'ada2',
    report: (scene) => ({
      type: 'release',
      set: 'artifacts',
      case: 'audit',
      snapshot: nameOf(scene.good),
      hold: `sha256:${sha256(splitTag(body(scene.repo, 'tag', scene.holdRef)).payload)}`,
      reason: 'x',
    }),
    log: /^hold: event \d+: the hold 'audit' is ada's own/m,
  }),
  forged({
    id: 'promote-trashed',
    attack: 'What is in the trash is promoted',
    by: 'ada',
    report: ({ pruned }) => ({
      type: 'promotion',
      set: 'artifacts',
      environment: 'staging',
      number: 2,
      action: 'promote',
      tag: '1'.repeat(40),
      payload: `sha256:${'1'.repeat(64)}`,
      snapshot: nameOf(pruned),
      gates: [],
      reason: 'x',
    }),
    log: /^retention: event \d+: promotes artifacts\/\S+, which is in the trash/m,
  }),
  refs({
    id: 'prune-replayed',
    attack: 'The event of a prune is copied to the end of the log, after what it removed was brought back',
    plainGit: 'accepted',
    product: 'a finding: an event is good in its place alone',
    make: async ({ repo, pruned }) => {
      const original = body(repo, 'commit', LOG);
      expect(lastEvent(repo).type).toBe('prune');
      await repo.ok('snapshot', 'undelete', pruned.id);
      const copy = original.replace(/^parent .*$/m, `parent ${repo.git('rev-parse', LOG)}`);
      repo.git('update-ref', LOG, store(repo, 'commit', copy));
    },
    log: /^(order|signature): .*(is number|bad signature)/m,
  }),
  refs({
    id: 'erased-brought-back',
    attack: 'What was erased is pushed back from a clone that still has it',
    plainGit: 'accepted: the content is there again',
    product:
      'refused by `verify` and by a rollback to it; `log --verify` names the ref; `erase --purge` after its deletion',
    make: async (scene) => {
      const { repo, pruned } = scene;
      repo.git('clone', '-q', '--bare', '.', 'stale.git');
      repo.git('--git-dir=stale.git', 'fetch', '-q', '.', '+refs/trash/*:refs/trash/*');
      await repo.ok('snapshot', 'erase', pruned.id, ...WHY);
      await scene.as('ben').ok('snapshot', 'erase', pruned.id, ...WHY);
      repo.git('fetch', '-q', 'stale.git', `${scene.trashRef}:${pruned.ref}`);
    },
    log: /^ref: 'refs\/snapshots\/\S+' has no event in the log$/,
    also: async (scene) => {
      const { repo, pruned } = scene;
      await refused(scene, ['rollback', '--yes', pruned.id], /by the log it was erased/);
      repo.git('update-ref', '-d', pruned.ref);
      await repo.ok('snapshot', 'erase', '--purge');
      expect(repo.git('cat-file', '--batch-all-objects', '--batch-check')).not.toContain(pruned.tag);
    },
  }),
];
