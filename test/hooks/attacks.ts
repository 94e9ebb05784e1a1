import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  announce,
  body,
  forgeEvent,
  forgePolicy,
  forgeSnapshot,
  LOG,
  lastEvent,
  POLICY,
  store,
  treeOf,
} from '../attacks/support/forge.ts';
import type { Scene } from '../attacks/support/scene.ts';

/** An attack on a server that goes through a push: what is made in a clone of one's own, and what is pushed of it. */
interface PushedAttack {
  readonly name: string;
  /** Gives the refspecs. */
  readonly make: (scene: Scene) => Promise<readonly string[]> | readonly string[];
  /** What the server says. */
  readonly says: RegExp;
}

const zero = '0'.repeat(64);

/** What the log says of a snapshot. */
const named = ({ id, tag, payload }: Scene['good']) => ({ id, tag, payload });

const refs: readonly PushedAttack[] = [
  {
    name: 'a snapshot moved to another good one',
    make: ({ good, other }) => [`+${other.tag}:${good.ref}`],
    says: /refused: ref: 'refs\/snapshots\/artifacts\/\S+' is at \w+, and the log tells of \w+/,
  },
  {
    name: 'a snapshot deleted',
    make: ({ good }) => [`:${good.ref}`],
    says: /refused: ref: event 3 tells of 'refs\/snapshots\/\S+' at \w+, and its ref is not there/,
  },
  {
    name: 'a good tag under the name of another set',
    make: ({ good }) => [`${good.tag}:refs/snapshots/models/${good.id}`],
    says: /refused: ref: 'refs\/snapshots\/models\/\S+' has no event in the log/,
  },
  {
    name: 'a good tag as another promotion',
    make: ({ repo }) => [
      `${repo.git('rev-parse', 'refs/promotions/artifacts/staging/1')}:refs/promotions/artifacts/production/2`,
    ],
    says: /refused: ref: 'refs\/promotions\/artifacts\/production\/2' has no event/,
  },
  {
    name: 'an approval of one promotion as that of another',
    make: ({ repo }) => {
      const [line = ''] = repo.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/approvals').split('\n');
      const [ref = '', oid = ''] = line.split(' ');
      return [`${oid}:${ref.replace('production/1', 'staging/1')}`];
    },
    says: /refused: ref: 'refs\/approvals\/artifacts\/staging\/1\/\w+' has no event/,
  },
  {
    name: 'an approval taken away',
    make: ({ repo }) => [`:${repo.git('for-each-ref', '--format=%(refname)', 'refs/approvals')}`],
    says: /tells of 'refs\/approvals\/\S+' at \w+, and its ref is not there/,
  },
  {
    name: 'a hold taken away without its release',
    make: ({ good }) => [`:refs/holds/artifacts/${good.id}/audit`],
    says: /tells of 'refs\/holds\/\S+\/audit' at \w+, and its ref is not there/,
  },
  {
    name: 'a mirror of another promotion',
    make: ({ repo }) => [
      `+${repo.git('rev-parse', 'refs/promotions/artifacts/staging/1')}:refs/tags/promotions/artifacts/production/1`,
    ],
    says: /'refs\/tags\/promotions\/artifacts\/production\/1' is at \w+, and the log tells of/,
  },
  {
    name: 'a mirror taken away',
    make: () => [':refs/tags/promotions/artifacts/staging/1'],
    says: /refused: ref: 'refs\/tags\/promotions\/artifacts\/staging\/1' would be deleted, and 'refs\/promotions\/artifacts\/staging\/1', which it mirrors, stays/,
  },
  {
    name: 'a mirror of nothing',
    make: ({ good }) => [`${good.tag}:refs/tags/promotions/artifacts/production/7`],
    says: /'refs\/tags\/promotions\/artifacts\/production\/7' has no event/,
  },
  {
    name: 'names that are not of the grammar',
    make: ({ good }) => [
      `${good.tag}:refs/snapshots/Artifacts/${good.id}`,
      `${good.tag}:refs/snapshots/artifacts/$(id)`,
      `${good.tag}:refs/snapshots/artifacts/--upload-pack=x`,
      `${good.tag}:refs/trash/artifacts/\u202eesrever`,
    ],
    says: /'refs\/snapshots\/artifacts\/\$\(id\)' has no event[\s\S]*'refs\/trash\/artifacts\/(?!\u202e)\S+' has no event/,
  },
  {
    name: 'what stands in the way of our names',
    make: () => [`${POLICY}:refs/holds`, `${POLICY}:refs/notes/snapshots/other`],
    says: /refused: ref: 'refs\/holds' is no name that git-snapshot gives/,
  },
  {
    name: 'a ref beside the policy',
    make: () => [`${POLICY}:refs/snapshot-policy/other`],
    says: /'refs\/snapshot-policy\/other' has no event/,
  },
  {
    name: 'namespaces of clones',
    make: ({ good }) => [`${good.tag}:refs/snapshot-remotes/origin/snapshots/artifacts/${good.id}`],
    says: /'refs\/snapshot-remotes\/\S+' is for clones alone/,
  },
  {
    name: 'another object in the place of the log, for git itself',
    make: ({ repo, good }) => [`${good.tag}:refs/replace/${repo.git('rev-parse', LOG)}`],
    says: /refused: ref: 'refs\/replace\/\w+' would have git take one object for another[\s\S]*hint: Keep replacements in your clone/,
  },
];

const log: readonly PushedAttack[] = [
  {
    name: 'a snapshot without its event',
    make: async (scene) => [(await forgeSnapshot(scene, { by: scene.people.ada, unlogged: true })).ref],
    says: /refused: ref: 'refs\/snapshots\/\S+' has no event in the log/,
  },
  {
    name: 'an event without its snapshot',
    make: async (scene) => {
      await forgeSnapshot(scene, { by: scene.people.ada });
      return [LOG];
    },
    says: /tells of 'refs\/snapshots\/\S+' at \w+, and its ref is not there/,
  },
  {
    name: 'the log cut off',
    make: () => [`+${LOG}~1:${LOG}`],
    says: /refused: log: 'refs\/notes\/snapshots' would go back[\s\S]*hint: Somebody else was first, or this clone lacks/,
  },
  { name: 'the log deleted', make: () => [`:${LOG}`], says: /refused: log: the audit log is gone/ },
  {
    name: 'the log forked',
    make: async (scene) => {
      const parents = [scene.repo.git('rev-parse', `${LOG}~1`)];
      const { people, good } = scene;
      const operation = '0'.repeat(32);
      const [from, to] = [named(good), named(good)];
      const changes = { created: 0, replaced: 0, deleted: 0, modes: 0 };
      const rollback = { action: 'restore', outcome: 'applied', from, to, operation, changes, durationMs: 1 };
      await forgeEvent(scene, people.ada, {
        report: { type: 'rollback', set: 'artifacts', ...rollback },
        parents,
        change: (event) => {
          event.seq -= 1;
        },
      });
      return [`+${LOG}`];
    },
    says: /refused: log: 'refs\/notes\/snapshots' would go back[\s\S]*hint: Somebody else was first, or this clone lacks/,
  },
  {
    name: 'another log in its place, that is none',
    make: ({ repo, good }) => [`+${repo.git('commit-tree', good.tree, '-m', 'nothing')}:${LOG}`],
    says: /^(?![\s\S]*Somebody else)[\s\S]*refused: log: 'refs\/notes\/snapshots' would go back[\s\S]*hint: That is no log of this/,
  },
  {
    name: 'the log forked by what is no event',
    make: ({ repo, good }) => [`+${repo.git('commit-tree', good.tree, '-p', `${LOG}~1`, '-m', 'nothing')}:${LOG}`],
    says: /^(?![\s\S]*Somebody else)[\s\S]*refused: log: 'refs\/notes\/snapshots' would go back[\s\S]*hint: That is no log of this/,
  },
  {
    name: 'a note by hand on top of the log',
    make: ({ repo, good }) => {
      repo.git('notes', '--ref=snapshots', 'append', '-m', 'all is well', good.tag);
      return [LOG];
    },
    says: /refused: format: event \w+: the commit is not signed/,
  },
  {
    name: 'an event by somebody without the role',
    make: async (scene) => [(await forgeSnapshot(scene, { by: scene.people.dan })).ref, LOG],
    says: /refused: role: event \d+: dan \(\S+\) does not have the role 'snapshotter'/,
  },
  {
    name: 'an event by somebody who is not in the policy',
    make: async (scene) => [(await forgeSnapshot(scene, { by: scene.people.eve })).ref, LOG],
    says: /refused: (?:signature|role|actor|key): /,
  },
  {
    name: 'an event of a kind that there is not',
    make: async (scene) => {
      const change = (event: { type: string }) => {
        event.type = 'amnesty';
      };
      await forgeEvent(scene, scene.people.ada, { report: {}, change, subject: 'amnesty' });
      return [LOG];
    },
    says: /refused: format: event \w+/,
  },
  {
    name: 'an event from the future',
    make: async (scene) => {
      const change = (event: { at: string }) => {
        event.at = '2999-01-01T00:00:00Z';
      };
      return [(await forgeSnapshot(scene, { by: scene.people.ada, event: change })).ref, LOG];
    },
    says: /refused: time: event \d+: .* in the future/,
  },
  {
    name: 'a promotion out of turn',
    make: async (scene) => {
      const tag = scene.repo.git('rev-parse', 'refs/promotions/artifacts/production/1');
      await forgeEvent(scene, scene.people.ada, { report: copyOf(scene, 'promotion', { number: 9, tag }) });
      return [LOG, `${tag}:refs/promotions/artifacts/production/9`];
    },
    says: /refused: number: event \d+: is number 9 in production, the next one is 2/,
  },
  {
    name: 'what is live pruned',
    make: async (scene) => prune(scene, scene.good),
    says: /refused: (?:hold|live): event \d+: removes artifacts\/\S+, which /,
  },
  {
    name: 'what was erased by one of two',
    make: async (scene) => {
      const { other, people } = scene;
      const report = { type: 'erase', set: 'artifacts', action: 'erase', snapshots: [named(other)], reason: 'gone' };
      await forgeEvent(scene, people.ada, { report });
      return [LOG, `:${other.ref}`];
    },
    says: /refused: threshold: event \d+: 2 pruners must agree/,
  },
  {
    name: 'what is held erased',
    make: async (scene) => {
      const { good, people } = scene;
      const report = { type: 'erase', set: 'artifacts', action: 'ask', snapshots: [named(good)], reason: 'gone' };
      await forgeEvent(scene, people.ada, { report });
      return [LOG];
    },
    says: /refused: hold: event \d+: /,
  },
];

/** The last event of this kind, with something else in it. */
function copyOf({ repo }: Scene, type: string, change: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const commits = repo.git('rev-list', LOG).split('\n');
  const events = commits.map((commit) => lastEvent(repo, commit));
  return { ...events.find((event) => event.type === type), ...change };
}

async function prune(scene: Scene, snapshot: Scene['good']): Promise<string[]> {
  const { tree, manifest } = snapshot;
  const removed = [{ ...named(snapshot), tree, manifest, rule: 'old' }];
  const report = { type: 'prune', set: 'artifacts', plan: `sha256:${zero}`, removed, dropped: [] };
  await forgeEvent(scene, scene.people.ada, { report });
  return [LOG, `:${snapshot.ref}`, `${snapshot.tag}:refs/trash/artifacts/${snapshot.id}`];
}

const tags: readonly PushedAttack[] = [
  {
    name: 'a snapshot without a signature',
    make: async (scene) => [(await forgeSnapshot(scene, { by: scene.people.ada, sign: () => '' })).ref, LOG],
    says: /refused: format: 'refs\/snapshots\/\S+/,
  },
  {
    name: 'a snapshot signed by somebody else than its event',
    make: async (scene) => [
      (await forgeSnapshot(scene, { by: scene.people.ada, sign: scene.people.ben.sign })).ref,
      LOG,
    ],
    says: /refused: (?:signature|log): 'refs\/snapshots\/\S+/,
  },
  {
    name: 'a snapshot of other content than its manifest says',
    make: async (scene) => {
      const change = (payload: string) => payload.replace(/^object \w+/, `object ${scene.other.tree}`);
      return [(await forgeSnapshot(scene, { by: scene.people.ada, change })).ref, LOG];
    },
    says: /refused: manifest: 'refs\/snapshots\/\S+': the content gives sha256:/,
  },
  {
    name: 'a snapshot with a link out of its directory',
    make: async (scene) => {
      const { repo, people } = scene;
      const tree = treeOf(repo, [['120000', 'way-out', store(repo, 'blob', '../../../etc/passwd')]]);
      const change = (payload: string) => payload.replace(/^object \w+/, `object ${tree}`);
      return [(await forgeSnapshot(scene, { by: people.ada, change })).ref, LOG];
    },
    says: /refused: tree: 'refs\/snapshots\/\S+/,
  },
  {
    name: 'a tag with something after its signature',
    make: async (scene) => {
      const { repo, good } = scene;
      const oid = store(repo, 'tag', `${body(repo, 'tag', good.tag)}and more\n`);
      return [`+${oid}:${good.ref}`];
    },
    says: /is at \w+, and the log tells of/,
  },
];

const policy: readonly PushedAttack[] = [
  {
    name: 'the policy deleted',
    make: () => [`:${POLICY}`],
    says: /refused: policy: 'refs\/snapshot-policy\/current' would be deleted/,
  },
  {
    name: 'an older policy',
    make: () => [`+${POLICY}~1:${POLICY}`],
    says: /refused: policy: 'refs\/snapshot-policy\/current' would go back/,
  },
  {
    name: 'a version skipped',
    make: async (scene) => {
      const { ada, ben } = scene.people;
      const change = (next: { version: number }) => {
        next.version += 1;
      };
      await announce(scene, ada, await forgePolicy(scene, { change, signers: [ada, ben] }));
      return [LOG, POLICY];
    },
    says: /refused: policy: policy version 5 .*must be 4/,
  },
  {
    name: 'a version that too few signed',
    make: async (scene) => {
      const { ada } = scene.people;
      await announce(scene, ada, await forgePolicy(scene, { change: addPerson, signers: [ada] }));
      return [LOG, POLICY];
    },
    says: /refused: policy: policy version 4 .* is signed by 1 of 2 root people of version 3 \(ada\)/,
  },
  {
    name: 'a version without its event',
    make: async (scene) => {
      const { ada, ben } = scene.people;
      await forgePolicy(scene, { change: addPerson, signers: [ada, ben] });
      return [POLICY];
    },
    says: /refused: policy: version 4 of the policy is in its ref, and the log knows of version 3/,
  },
  {
    name: 'the event of a version without it',
    make: async (scene) => {
      const { ada, ben } = scene.people;
      await announce(scene, ada, await forgePolicy(scene, { change: addPerson, signers: [ada, ben] }));
      return [LOG];
    },
    says: /refused: policy: event \d+: announces/,
  },
  {
    name: 'a proposal that is none',
    make: () => [`${LOG}:refs/snapshot-policy/proposals/4-0123456789ab`],
    says: /refused: proposal: 'refs\/snapshot-policy\/proposals\/4-0123456789ab' is no policy/,
  },
  {
    name: 'a proposal that no root signed',
    make: async (scene) => {
      const { commit, digest } = await forgePolicy(scene, { change: addPerson, signers: [scene.people.dan] });
      return [`${commit}:refs/snapshot-policy/proposals/4-${digest.slice(7, 19)}`];
    },
    says: /refused: proposal: \S+ is signed by no root/,
  },
  {
    name: 'a proposal under another name',
    make: async (scene) => {
      const { commit } = await forgePolicy(scene, { change: addPerson, signers: [scene.people.ada] });
      return [`${commit}:refs/snapshot-policy/proposals/4-0123456789ab`];
    },
    says: /refused: proposal: \S+ holds the proposal of 'refs\/snapshot-policy\/proposals\/4-/,
  },
];

function addPerson(next: { people: Record<string, { name: string; keys: string[] }> }): void {
  next.people['zoe'] = { name: 'Zoe', keys: [] };
}

export const ATTACKS = [...refs, ...log, ...tags, ...policy];

/** What a client sends that is made for it: refs, and a pack of just these objects. No git would. */
function sendByHand(
  { repo }: Scene,
  { updates, objects }: { updates: readonly { from: string; to: string; ref: string }[]; objects: readonly string[] },
): Buffer {
  const pack = execFileSync('git', ['pack-objects', '--stdout', '-q'], {
    cwd: repo.dir,
    input: objects.map((oid) => `${oid}\n`).join(''),
    maxBuffer: 1 << 28,
  });
  const lines = updates.map(({ from, to, ref }, i) => {
    const line = `${from} ${to} ${ref}${i === 0 ? '\0report-status atomic' : ''}`;
    return (line.length + 4).toString(16).padStart(4, '0') + line;
  });
  return Buffer.concat([Buffer.from(`${lines.join('')}0000`, 'latin1'), pack]);
}

/** A snapshot one of whose files is not sent. */
export async function withoutABlob(scene: Scene): Promise<Buffer> {
  const { repo } = scene;
  const before = repo.git('rev-parse', LOG);
  writeFileSync(join(repo.root, 'a'), 'nobody has this\n');
  const { ref, tag } = await repo.take('-m', 'hollow');
  const objects = repo.git('rev-list', '--objects', tag, LOG, '--not', before, scene.good.tag).split('\n');
  const blob = repo.git('rev-parse', `${tag}^{tree}:a`);
  const none = '0'.repeat(40);
  return sendByHand(scene, {
    updates: [
      { from: none, to: tag, ref },
      { from: before, to: repo.git('rev-parse', LOG), ref: LOG },
    ],
    objects: objects.map((line) => line.slice(0, 40)).filter((oid) => oid !== blob),
  });
}
