import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { listed, makeKey } from '../sign/craft.ts';
import { signerAt, T0, YEAR } from '../sign/keys.ts';
import { tempGnupg } from '../support/gnupg.ts';
import { existing } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import { tempDir } from '../support/temp-repo.ts';
import type { Attack } from './support/attack.ts';
import { announce, forgePolicy, forgeSnapshot, type LoosePolicy, lastEvent, POLICY, sha256 } from './support/forge.ts';
import { expectGoodForGit } from './support/plain-git.ts';
import { expectGood, expectRefusal, logFindings, verify } from './support/refusal.ts';
import { type Person, type PersonName, type Scene, tryRun } from './support/scene.ts';

const nameOf = ({ set, id }: { set: string; id: string }) => `${set}/${id}`;

interface Successor {
  readonly id: string;
  readonly attack: string;
  readonly product: string;
  readonly signers: readonly PersonName[];
  readonly change?: (policy: LoosePolicy, people: Scene['people']) => void;
  readonly added?: readonly PersonName[];
  readonly bytes?: (text: string) => string;
  readonly says: RegExp;
  /** Announced by this person; by nobody if undefined. */
  readonly announced?: PersonName;
  readonly code?: number;
}

/** A version of the policy that may not follow the one in force. All commands that read the policy end there. */
const successor = (made: Successor): Attack => ({
  id: made.id,
  class: 'policy',
  attack: made.attack,
  plainGit: 'accepted: to git it is a commit like any other',
  product: made.product,
  run: async (scene) => {
    const { repo, people, good } = scene;
    const signers = made.signers.map((name) => people[name]);
    const policy = await forgePolicy(scene, {
      signers,
      change: (next) => made.change?.(next, people),
      added: (made.added ?? []).map((name) => people[name].publicKey),
      ...(made.bytes === undefined ? {} : { bytes: made.bytes }),
    });
    if (made.announced !== undefined) await announce(scene, people[made.announced], policy);
    // To git it is as good as the one before.
    expect(repo.git('log', '--format=%s', '-1', POLICY)).toBe('policy');
    await expectRefusal(scene, {
      snapshot: good,
      verify: made.code ?? 6,
      says: made.says,
      log: /^exit /,
      create: made.code ?? 6,
      rollbackCode: made.code ?? 6,
    });
  },
});

const hers = (people: Scene['people']): LoosePolicy['people'] => ({
  eve: { name: 'Eve', keys: [people.eve.publicKey.key] },
});

const SUCCESSORS: readonly Attack[] = [
  successor({
    id: 'signed-by-the-new-keys-only',
    attack: 'A policy with the attacker as its root, signed by the attacker',
    product: 'refuses: the threshold of the version before counts too (exit 6)',
    signers: ['eve'],
    added: ['eve'],
    change: (policy, people) => {
      Object.assign(policy.people, hers(people));
      policy.roles['root'] = { people: ['eve'], threshold: 1 };
    },
    announced: 'eve',
    says: /is signed by 0 of 2 root people of version 2, 1 of 1 root people of version 3 \(eve\)/,
  }),
  successor({
    id: 'signed-by-the-old-keys-only',
    attack: 'A policy with new roots who did not sign it',
    product: 'refuses: the new roots must have their keys (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy) => {
      policy.roles['root'] = { people: ['cy', 'dan'], threshold: 2 };
    },
    announced: 'ben',
    says: /2 of 2 root people of version 2 \(ada, ben\), 0 of 2 root people of version 3/,
  }),
  successor({
    id: 'one-root-alone',
    attack: 'One of the roots changes the policy alone, where two must',
    product: 'refuses: 1 of 2 (exit 6)',
    signers: ['ben'],
    change: (policy) => {
      policy.roles['snapshotter'] = { people: ['ben'], threshold: 1 };
      policy.roles['root'] = { people: ['ben'], threshold: 1 };
    },
    announced: 'ben',
    says: /is signed by 1 of 2 root people of version 2 \(ben\)/,
  }),
  successor({
    id: 'two-keys-of-one-person',
    attack: 'One root signs with two keys, to be counted as two',
    product: 'refuses: people are counted, not keys (exit 6)',
    signers: ['ada', 'ada2'],
    announced: 'ada',
    says: /is signed by 1 of 2 root people of version 2 \(ada\)/,
  }),
  successor({
    id: 'one-key-under-two-names',
    attack: 'Two people of the policy with the same key',
    product: 'refuses: a key is one person’s (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy, { ben }) => {
      policy.people['bert'] = { name: 'Bert', keys: [ben.publicKey.key] };
    },
    says: /is (?:ben|bert)'s/,
  }),
  successor({
    id: 'without-a-signature',
    attack: 'A policy that nobody signed',
    product: 'refuses (exit 6)',
    signers: [],
    says: /is signed by 0 of 2 root people/,
  }),
  successor({
    id: 'same-number',
    attack: 'Another policy with the number of the one in force, properly signed',
    product: 'refuses: exactly one more (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy) => {
      policy.version = 2;
      policy.roles['releaser'] = { people: ['ben'], threshold: 1 };
    },
    says: /is version 2 .*has seen version 2|stands on version 2/,
  }),
  successor({
    id: 'same-file-other-commit',
    attack: 'The policy in force once more, in another commit',
    product: 'refuses: exactly one more (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy) => {
      policy.version = 2;
    },
    says: /stands on version 2/,
  }),
  successor({
    id: 'number-left-out',
    attack: 'A policy with a number too high, so that the next real one is too low',
    product: 'refuses: exactly one more (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy) => {
      policy.version = 9;
    },
    says: /version: 9, must be 3/,
  }),
  successor({
    id: 'unknown-field',
    attack: 'A field that we do not know, properly signed',
    product: 'refuses: what is not understood is not enforced (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy) => {
      policy['breakGlass'] = true;
    },
    says: /breakGlass/,
  }),
  successor({
    id: 'threshold-too-high',
    attack: 'A threshold that the people cannot reach',
    product: 'refuses (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy) => {
      policy.roles['root'] = { people: ['ada', 'ben', 'cy'], threshold: 4 };
    },
    says: /threshold: 4 of 3 people/,
  }),
  successor({
    id: 'other-spelling',
    attack: 'The policy in another spelling of JSON, with a field twice',
    product: 'refuses: canonical JSON alone (exit 6)',
    signers: ['ada', 'ben'],
    bytes: (text) => text.replace('{', '{"version":3,'),
    says: /canonical|twice|JSON/i,
  }),
  successor({
    id: 'other-repository-id',
    attack: 'A policy of another repository id, properly signed',
    product: 'refuses (exit 6)',
    signers: ['ada', 'ben'],
    change: (policy) => {
      policy['repository'] = 'ab'.repeat(32);
    },
    says: /another|not said that you trust|repository/,
  }),
];

/** Version 3 as it should be, announced. */
async function enact(
  scene: Scene,
  signers: readonly [Person, ...Person[]],
  change: (policy: LoosePolicy) => void,
): Promise<void> {
  await announce(scene, signers[0], await forgePolicy(scene, { change, signers }));
}

const underVersion3 = (scene: Scene) => (payload: string) =>
  payload.replace(
    /^Policy: .*$/m,
    `Policy: 3 sha256:${sha256(`${scene.repo.git('cat-file', 'blob', `${POLICY}:policy.json`)}\n`)}`,
  );

/** What a rollback says of a log with a bad event. */
const NOT_BELIEVED = /the audit log is not to be believed: event \d+: (is signed by|says) /;

/** Refused: the snapshot, its event, and with that the log. */
async function expectBadEvent(
  scene: Scene,
  by: Person,
  {
    says,
    log,
    checks = ['log', 'signature'],
    sign,
    event,
  }: {
    says: RegExp;
    log: RegExp;
    checks?: readonly string[];
    sign?: Person['sign'];
    event?: Parameters<typeof forgeSnapshot>[1]['event'];
  },
): Promise<void> {
  const snapshot = await forgeSnapshot(scene, {
    by,
    change: scene.repo.git('rev-list', '--count', POLICY) === '3' ? underVersion3(scene) : (same) => same,
    ...(sign === undefined ? {} : { sign }),
    ...(event === undefined ? {} : { event }),
  });
  await expectRefusal(scene, {
    snapshot,
    verify: { [nameOf(snapshot)]: checks, [nameOf(scene.good)]: ['log'], [nameOf(scene.other)]: ['log'] },
    says,
    log,
    rollbackSays: NOT_BELIEVED,
    create: 6,
  });
}

export const POLICY_ATTACKS: readonly Attack[] = [
  ...SUCCESSORS,
  {
    id: 'not-announced',
    class: 'policy',
    attack: 'A policy with all signatures, put in its ref behind the log’s back',
    plainGit: 'accepted',
    product: 'refuses: the log does not know of it, so nobody can say from when on it counts (`log`)',
    run: async (scene) => {
      const { repo, people, good, other } = scene;
      await forgePolicy(scene, { change: () => {}, signers: [people.ada, people.ben] });
      expect(repo.git('rev-list', '--count', POLICY)).toBe('3');
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /version 3 of the policy is in its ref, and the log knows of version 2/,
        log: /^policy: /,
        create: 6,
      });
    },
  },
  {
    id: 'announced-and-not-there',
    class: 'policy',
    attack: 'The log announces a version of the policy that is not in its ref',
    plainGit: 'accepted',
    product: 'refuses (`log`)',
    run: async (scene) => {
      const { repo, people, good, other } = scene;
      const before = repo.git('rev-parse', POLICY);
      const policy = await forgePolicy(scene, { change: () => {}, signers: [people.ada, people.ben] });
      await announce(scene, people.ben, policy);
      repo.git('update-ref', POLICY, before);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /version 3 is not there/,
        log: /^policy: event 5/,
        create: 6,
      });
    },
  },
  {
    id: 'announced-by-no-root',
    class: 'policy',
    attack: 'A good policy, announced by somebody who is no root',
    plainGit: 'accepted',
    product: 'refuses the event (`log`)',
    run: async (scene) => {
      const { people, good, other } = scene;
      const policy = await forgePolicy(scene, { change: () => {}, signers: [people.ada, people.ben] });
      await announce(scene, people.dan, policy);
      await expectRefusal(scene, {
        snapshot: good,
        verify: { [nameOf(good)]: ['log'], [nameOf(other)]: ['log'] },
        says: /is no root of version 3 or the one before it/,
        log: /^role: event 5/,
        create: 6,
      });
    },
  },
  {
    id: 'somebody-elses',
    class: 'policy',
    attack: 'The whole policy is replaced by one of the attacker’s own, with another first version',
    plainGit: 'accepted',
    product: 'refuses: not the one that is pinned outside the repository (exit 6)',
    run: async (scene) => {
      const { repo, good } = scene;
      const hersRepo = existing(tempDir());
      hersRepo.git('init', '-q', '-b', 'main');
      await hersRepo.expect(0, ['snapshot', 'init', '--yes', '--no-passphrase', '--key', 'new'], {
        env: { XDG_CONFIG_HOME: tempDir() },
      });
      repo.git('fetch', '-q', hersRepo.dir, `+${POLICY}:${POLICY}`, '+refs/notes/snapshots:refs/notes/snapshots');
      await expectRefusal(scene, {
        snapshot: good,
        verify: 6,
        says: /is of another repository than before|is not the one that you trust/,
        log: /^exit 6/,
        create: 6,
      });
    },
  },
  {
    id: 'same-id-other-root',
    class: 'policy',
    attack: 'A first version with the repository’s own id and the attacker as its root',
    plainGit: 'accepted',
    product: 'refuses: not the one that is pinned (exit 6)',
    run: async (scene) => {
      const { repo, people, good } = scene;
      const commit = repo.git('rev-parse', `${POLICY}~1`);
      repo.git('update-ref', POLICY, commit);
      await forgePolicy(scene, {
        added: [people.eve.publicKey],
        signers: [people.eve],
        change: (policy) => {
          policy.version = 1;
          policy.people = hers(people);
          policy.keys = { [people.eve.publicKey.key]: policy.keys[people.eve.publicKey.key] ?? { certificate: '' } };
          for (const role of Object.values(policy.roles)) role.people = ['eve'];
        },
      });
      const tree = repo.git('rev-parse', `${POLICY}^{tree}`);
      repo.git('update-ref', POLICY, repo.git('commit-tree', '-m', 'policy', tree));
      await expectRefusal(scene, {
        snapshot: good,
        verify: 6,
        says: /is not the one that you trust/,
        log: /^exit 6/,
        create: 6,
      });
    },
  },
  {
    id: 'other-certificate',
    class: 'policy',
    attack: 'Another certificate under the name of a listed key',
    plainGit: 'accepted',
    product: 'refuses: the policy names the certificate by its digest (exit 6)',
    run: async (scene) => {
      const { repo, people, good } = scene;
      const name = `${people.ben.publicKey.key.replace('openpgp:', '')}.asc`;
      const blob = execFileSync('git', ['hash-object', '-w', '--stdin'], {
        cwd: repo.dir,
        input: people.eve.publicKey.armored,
        encoding: 'utf8',
      }).trim();
      const index = { ...process.env, GIT_INDEX_FILE: join(tempDir(), 'index') };
      const git = (...args: string[]) =>
        execFileSync('git', args, { cwd: repo.dir, env: index, encoding: 'utf8' }).trim();
      git('read-tree', POLICY);
      git('update-index', '--cacheinfo', `100644,${blob},keys/${name}`);
      const tree = git('write-tree');
      repo.git('update-ref', POLICY, repo.git('commit-tree', '-p', `${POLICY}~1`, '-m', 'policy', tree));
      await expectRefusal(scene, {
        snapshot: good,
        verify: 6,
        says: /the certificate for openpgp:[0-9A-F]{40} is not the one that the policy names/,
        log: /^exit 6/,
        create: 6,
      });
    },
  },
  {
    id: 'policy-in-the-work-tree',
    class: 'policy',
    attack: 'A policy file in the work tree that makes the attacker the root',
    plainGit: 'a file like any other',
    product: 'is not read: only `policy apply` reads it, and that signs',
    run: async (scene) => {
      const { repo, people } = scene;
      mkdirSync(join(repo.dir, '.snapshots/keys'), { recursive: true });
      writeFileSync(join(repo.dir, '.snapshots/keys/eve.asc'), people.eve.publicKey.armored);
      writeFileSync(
        join(repo.dir, '.snapshots/policy.yaml'),
        JSON.stringify({ version: 3, sets: {}, people: hers(people), roles: { root: ['eve'], snapshotter: ['eve'] } }),
      );
      await expectGood(scene);
      await expectBadEvent(scene, people.eve, {
        says: /the key openpgp:[0-9A-F]{40} is not in the policy/,
        log: /^signature: event 5: is signed by .* which was not in the policy at that place/,
      });
    },
  },
  {
    id: 'rubbish-proposals',
    class: 'policy',
    attack: 'Rubbish, and a policy that cannot follow, among the proposed ones',
    plainGit: 'accepted: anyone who can push can propose',
    product: 'nothing counts before it has all signatures; `policy sign` refuses',
    run: async (scene) => {
      const { repo, people, good, env } = scene;
      const before = repo.git('rev-parse', POLICY);
      const policy = await forgePolicy(scene, {
        signers: [people.eve],
        change: (next) => {
          next.version = 7;
        },
      });
      repo.git('update-ref', POLICY, before);
      repo.git('update-ref', 'refs/snapshot-policy/proposals/3-000000000000', policy.commit);
      repo.git('update-ref', 'refs/snapshot-policy/proposals/rubbish', good.tag);
      await expectGood(scene);
      const signing = withApp(repo, (app) => app.policy.sign({ proposal: '7', confirm: undefined }), { env });
      await expect(signing).rejects.toThrow(/does not follow the policy in force/);
      expect(repo.git('rev-parse', POLICY)).toBe(before);
    },
  },
  {
    id: 'retired-key',
    class: 'policy',
    attack: 'A key that was retired signs once more',
    plainGit: '`verify-tag` is happy: the key itself is good',
    product: 'refuses: not in the policy at that place (`log`); what it signed before stays good',
    run: async (scene) => {
      const { ada, ben, cy } = scene.people;
      await enact(scene, [ada, cy], (policy) => withoutBen(policy, ben));
      expectGoodForGit(scene, scene.other.ref);
      await expectGood(scene);
      await expectBadEvent(scene, ben, {
        says: /the key openpgp:[0-9A-F]{40} is not in the policy/,
        log: /^signature: event 6: is signed by .* which was not in the policy at that place/,
      });
    },
  },
  {
    id: 'compromised-key',
    class: 'policy',
    attack: 'Snapshots by a key from the time on that it was stolen',
    plainGit: '`verify-tag` is happy',
    product: 'refuses what the key signed from the event on that the revocation names; what is before it stays good',
    run: async (scene) => {
      const { other } = scene;
      const { ada, ben, cy } = scene.people;
      await enact(scene, [ada, cy], (policy) => {
        withoutBen(policy, ben);
        policy.revoked = { [ben.publicKey.key]: { reason: 'compromised', since: 4 } };
      });
      expectGoodForGit(scene, other.ref);
      await expectRefusal(scene, {
        snapshot: other,
        verify: { [nameOf(other)]: ['signature'] },
        says: /is compromised, and not believed from event 4 on/,
      });
      await scene.repo.ok('rollback', '--yes', '--set', 'artifacts', scene.good.id);
    },
  },
  {
    id: 'back-dated-before-the-revocation',
    class: 'policy',
    attack: 'The thief dates tag and event back to before the revocation',
    plainGit: '`verify-tag` is happy',
    product: 'refuses: the order of the log counts, and no date (`log`)',
    run: async (scene) => {
      const { ada, ben, cy } = scene.people;
      await enact(scene, [ada, cy], (next) => {
        withoutBen(next, ben);
        next.revoked = { [ben.publicKey.key]: { reason: 'compromised', since: 5 } };
      });
      await expectGood(scene);
      await expectBadEvent(scene, ben, {
        event: (event) => {
          event.at = '2026-01-01T00:00:00Z';
        },
        says: /the key openpgp:[0-9A-F]{40} is not in the policy/,
        log: /^signature: event 6: is signed by .* which was not in the policy at that place/,
      });
    },
  },
  {
    id: 'under-the-older-policy',
    class: 'policy',
    attack: 'An event that says that it was made under the version before, which had the key',
    plainGit: 'accepted',
    product: 'refuses: the place in the log says which version counts (`log`)',
    run: async (scene) => {
      const { ada, ben, cy } = scene.people;
      const former = lastEvent(scene.repo).policy;
      await enact(scene, [ada, cy], (next) => withoutBen(next, ben));
      const snapshot = await forgeSnapshot(scene, {
        by: ben,
        event: (event) => {
          event.policy = former;
        },
      });
      expectGoodForGit(scene, snapshot.ref);
      await expectRefusal(scene, {
        snapshot,
        verify: {
          [nameOf(snapshot)]: ['log', 'policy', 'signature'],
          [nameOf(scene.good)]: ['log'],
          [nameOf(scene.other)]: ['log'],
        },
        says: /in force was version 3/,
        rollbackSays: NOT_BELIEVED,
        log: /^signature: event 6/,
        create: 6,
      });
    },
  },
  {
    id: 'revocation-taken-back',
    class: 'policy',
    attack: 'The next version leaves a revocation out',
    plainGit: 'accepted',
    product: 'refuses: a revocation stays, and never begins later (exit 6)',
    run: async (scene) => {
      const { ada, ben, cy } = scene.people;
      await enact(scene, [ada, cy], (next) => {
        withoutBen(next, ben);
        next.revoked = { [ben.publicKey.key]: { reason: 'compromised', since: 5 } };
      });
      await forgePolicy(scene, {
        signers: [ada, cy],
        change: (next) => {
          delete next.revoked;
        },
      });
      await expectRefusal(scene, {
        snapshot: scene.good,
        verify: 6,
        says: /is missing, and a revocation stays/,
        log: /^exit 6/,
        create: 6,
      });
    },
  },
  {
    id: 'expired-policy',
    class: 'policy',
    attack: 'A snapshot under a policy that has run out',
    plainGit: 'knows no policies',
    product: 'refuses to take one, and to believe one (`log`); rolling back goes on',
    run: async (scene) => {
      const { repo, good } = scene;
      await enact(scene, [scene.people.ben, scene.people.ada], (policy) => {
        policy.expires = '2026-01-01T00:00:00Z';
      });
      const before = repo.git('for-each-ref');
      const { stderr } = await repo.expect(6, ['snapshot', 'create', '--set', 'artifacts', '-m', 'late']);
      expect(stderr).toContain('the policy ran out at 2026-01-01T00:00:00Z');
      expect(repo.git('for-each-ref')).toBe(before);
      await expectGood(scene);
      const clean = await repo.run(['rollback', '--yes', '--set', 'artifacts', good.id]);
      expect([0, 6], clean.stderr).toContain(clean.code);
      const snapshot = await forgeSnapshot(scene, {
        by: scene.people.ben,
        change: underVersion3(scene),
        seconds: 4000,
      });
      expectGoodForGit(scene, snapshot.ref);
      const all = await verify(scene, '--all');
      expect(all.failed?.[nameOf(snapshot)]).toEqual(['log']);
      expect(all.said).toMatch(/was made at .*, and version 3 ran out at 2026-01-01T00:00:00Z/);
      expect(await logFindings(scene)).toMatch(/^expired: /);
    },
  },
  {
    id: 'expired-key-back-dated',
    class: 'policy',
    attack: 'A key that has run out signs, with the clock set back',
    plainGit:
      '`verify-tag` says no to whoever looks after the key has run out, and is happy with an SSH key that ran out',
    product: 'refuses: the events before it are newer than the key (`log`)',
    run: async (scene) => {
      const { ada, ben, dan } = scene.people;
      const key = await makeKey(T0, { keyExpirationTime: YEAR });
      const old = listed(key);
      const policy = await forgePolicy(scene, {
        signers: [ada, ben],
        added: [old],
        change: (next) => {
          next.people['dan'] = { name: 'Dan', keys: [dan.publicKey.key, old.key] };
          next.roles['snapshotter'] = { people: ['ada', 'ben', 'dan'], threshold: 1 };
        },
      });
      await announce(scene, ben, policy);
      await expectGood(scene);
      const signer = await signerAt(key.armor(), T0 + 1000);
      const thief: Person = { ...dan, publicKey: old, sign: (payload) => signer.sign(payload) };
      const snapshot = await forgeSnapshot(scene, { by: thief, change: underVersion3(scene) });
      const { env, gpg } = tempGnupg();
      gpg(['--import'], old.armored);
      const seen = tryRun('git', ['verify-tag', '--raw', snapshot.ref], { cwd: scene.repo.dir, env });
      expect(seen.stderr).toContain('VALIDSIG');
      await expectRefusal(scene, {
        snapshot,
        verify: { [nameOf(snapshot)]: ['log'], [nameOf(scene.good)]: ['log'], [nameOf(scene.other)]: ['log'] },
        says: /event 6: has a bad signature: .*expired/,
        log: /^signature: event 6/,
        create: 6,
      });
    },
  },
  {
    id: 'somebody-elses-name',
    class: 'policy',
    attack: 'A snapshotter writes an event in the name of another',
    plainGit: 'accepted: author and committer are free text',
    product: 'refuses: the person is the key’s holder (`log`)',
    run: async (scene) =>
      expectBadEvent(scene, scene.people.ben, {
        event: (event) => {
          event.actor = 'ada';
        },
        checks: ['log'],
        says: /says it is by 'ada', and openpgp:[0-9A-F]{40} is ben's/,
        log: /^actor: event 5/,
      }),
  },
  {
    id: 'somebody-elses-key',
    class: 'policy',
    attack: 'A snapshotter writes an event that names another’s key',
    plainGit: 'accepted',
    product: 'refuses: the key is the one that signed (`log`)',
    run: async (scene) =>
      expectBadEvent(scene, scene.people.ben, {
        event: (event) => {
          event.key = scene.people.ada.publicKey.key;
          event.actor = 'ada';
        },
        checks: ['log'],
        says: /says openpgp:[0-9A-F]{40} and is signed by openpgp:[0-9A-F]{40}/,
        log: /^signature: event 5/,
      }),
  },
];

function withoutBen(policy: LoosePolicy, ben: Person): void {
  policy.people['ben'] = { name: 'ben', keys: [] };
  delete policy.keys[ben.publicKey.key];
}
