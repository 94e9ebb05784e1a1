import { expect } from 'vitest';
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
import { expectGoodForGit } from './support/plain-git.ts';
import { logFindings } from './support/refusal.ts';
import type { Person, Scene } from './support/scene.ts';

const STAGED = 'refs/promotions/artifacts/staging/1';
const STAGING = 'refs/promotions/artifacts/staging';
const PRODUCTION = 'refs/promotions/artifacts/production';
const WHY = ['-m', 'why', '--yes'];

/**
 * An environment `staging` that asks for nothing, and `production`, which takes from it and asks for the approval of two of ada,
 * ben and cy. Ada promotes. `good` (hers) is live in both; `other` (ben's) is live in staging and waits in production as number 2.
 */
async function promoted(scene: Scene): Promise<void> {
  const { repo, people, good, other } = scene;
  const policy = await forgePolicy(scene, {
    change: (written) => {
      written['environments'] = { staging: {}, production: { from: 'staging', approvals: { count: 2 } } };
      written.roles['promoter'] = { people: ['ada'], threshold: 1 };
      written.roles['approver'] = { people: ['ada', 'ben', 'cy'], threshold: 1 };
    },
    signers: [people.ada, people.ben],
  });
  await announce(scene, people.ben, policy);
  await repo.ok('snapshot', 'promote', good.id, 'staging', ...WHY);
  await repo.ok('snapshot', 'promote', good.id, 'production', ...WHY);
  await scene.as('ben').ok('snapshot', 'approve', 'production', ...WHY);
  await scene.as('cy').ok('snapshot', 'approve', 'production', ...WHY);
  await repo.ok('snapshot', 'promote', other.id, 'staging', ...WHY);
  await repo.ok('snapshot', 'promote', other.id, 'production', ...WHY);
  expect(await logFindings(scene)).toBe('');
  expect(await live(scene)).toBe(good.id);
}

/** Id of what is live in production, or what is said instead. */
async function live({ repo }: Scene, environment = 'production'): Promise<string> {
  const { code, stdout, stderr } = await repo.run(['snapshot', 'show', `@${environment}`, '--json']);
  return code === 0 ? (JSON.parse(stdout) as { id: string }).id : `exit ${code}: ${stderr}`;
}

interface ForgedPromotion {
  readonly by: Person;
  readonly environment: string;
  readonly number: number;
  /** Of the tag's payload. */
  readonly change?: (payload: string) => string;
  readonly event?: (event: Loose) => void;
}

/** A promotion like the last of the environment, but for what is changed: a signed tag under its ref, with a signed event. */
export async function forgePromotion(
  scene: Scene,
  { by, environment, number, change = (same) => same, event }: ForgedPromotion,
) {
  const { repo } = scene;
  const [ref = ''] = repo
    .git('for-each-ref', '--sort=-refname', '--format=%(refname)', `refs/promotions/artifacts/${environment}`)
    .split('\n');
  const { payload: original } = splitTag(body(repo, 'tag', ref));
  const payload = change(original.replace(/^(tag .*\/)\d+$/m, `$1${number}`));
  const tag = store(repo, 'tag', payload + (await by.sign(payload)));
  const trailer = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(payload)?.[1] ?? '';
  repo.git('update-ref', `refs/promotions/artifacts/${environment}/${number}`, tag);
  await forgeEvent(scene, by, {
    report: {
      type: 'promotion',
      set: 'artifacts',
      environment,
      number,
      action: trailer('Action'),
      tag,
      payload: `sha256:${sha256(payload)}`,
      snapshot: {
        id: trailer('Snapshot'),
        tag: /^object (.*)$/m.exec(payload)?.[1],
        payload: trailer('Payload'),
      },
      gates: [],
      reason: 'why',
    },
    change: event,
  });
}

/** The event of somebody's word on a promotion, with a tag that says so too. */
async function forgeApproval(
  scene: Scene,
  {
    by,
    number,
    of = number,
    change = (same) => same,
    event,
  }: { by: Person; number: number; of?: number; change?: (payload: string) => string; event?: (event: Loose) => void },
) {
  const { repo } = scene;
  const promotion = splitTag(body(repo, 'tag', `${PRODUCTION}/${of}`)).payload;
  const [former = ''] = repo
    .git('for-each-ref', '--format=%(refname)', 'refs/approvals/artifacts/production/1')
    .split('\n');
  const key16 = by.publicKey.key.slice('openpgp:'.length, 'openpgp:'.length + 16).toLowerCase();
  const payload = change(
    splitTag(body(repo, 'tag', former))
      .payload.replace(/^object .*$/m, `object ${repo.git('rev-parse', `${PRODUCTION}/${of}`)}`)
      .replace(/^tag .*$/m, `tag approvals/artifacts/production/${number}/${key16}`)
      .replace(/^Promotion: .*$/m, `Promotion: sha256:${sha256(promotion)}`),
  );
  const tag = store(repo, 'tag', payload + (await by.sign(payload)));
  repo.git('update-ref', `refs/approvals/artifacts/production/${number}/${key16}`, tag);
  expectGoodForGit(scene, `refs/approvals/artifacts/production/${number}/${key16}`);
  await forgeEvent(scene, by, {
    report: {
      type: 'approval',
      set: 'artifacts',
      environment: 'production',
      number,
      decision: 'approve',
      tag,
      payload: `sha256:${sha256(payload)}`,
      promotion: `sha256:${sha256(promotion)}`,
    },
    change: event,
  });
}

interface Deed extends Omit<Attack, 'class' | 'run'> {
  readonly make: (scene: Scene) => Promise<unknown> | unknown;
  /** In what `log --verify` says; undefined: nothing. */
  readonly log?: RegExp;
  /** What `approve` of number 2 by ben says; undefined: it goes through, and is not enough. */
  readonly approve?: RegExp;
  /** In what is live; by default nothing has changed. */
  readonly live?: RegExp;
}

/** Something that would have production be what two people did not approve. */
const attack = ({ make, log, approve, live: says, ...told }: Deed): Attack => ({
  ...told,
  class: 'promotions',
  run: async (scene) => {
    await promoted(scene);
    await make(scene);
    const findings = await logFindings(scene);
    if (log === undefined) expect(findings).toBe('');
    else expect(findings).toMatch(log);
    const found = await live(scene);
    if (says === undefined) expect(found).toBe(scene.good.id);
    else expect(found).toMatch(says);
    const events = scene.repo.git('rev-list', '--count', LOG);
    const { code, stderr } = await scene.as('ben').run(['snapshot', 'approve', 'production/2', ...WHY]);
    if (approve !== undefined) {
      expect(code, stderr).not.toBe(0);
      expect(stderr).toMatch(approve);
      expect(scene.repo.git('rev-list', '--count', LOG)).toBe(events);
    }
    if (says === undefined) expect(await live(scene)).toBe(scene.good.id);
  },
});

/** What stands on the log is no event: nothing is told from it, and nothing written. */
const broken = (deed: Omit<Deed, 'live' | 'approve' | 'product'> & { log: RegExp }): Attack =>
  attack({
    ...deed,
    product:
      'a finding that names it; nothing is told of what is live, and nothing written, until an auditor has repaired the log',
    live: /^exit 6: .*the audit log is not to be believed/s,
    approve: /the audit log is not to be believed/,
  });

const GIT_SEES = 'accepted; `git verify-tag` says that the tag is good';

export const PROMOTION_ATTACKS: readonly Attack[] = [
  attack({
    id: 'approval-moved',
    attack: 'An approval’s tag is put under the next promotion, without an event',
    plainGit: GIT_SEES,
    product: 'does not count: what is live follows from the log; `log --verify` names the ref',
    make: ({ repo }) => {
      const [ref = ''] = repo.git('for-each-ref', '--format=%(refname)', 'refs/approvals').split('\n');
      for (const name of [ref, ref.replace(/.$/, '0')]) {
        const next = name.replace('/production/1/', '/production/2/');
        repo.git('update-ref', next, repo.git('rev-parse', ref));
      }
    },
    log: /^ref: 'refs\/approvals\/artifacts\/production\/2\/[0-9a-f]{16}' has no event in the log$/m,
  }),
  broken({
    id: 'approval-copied',
    attack: 'The event of an approval is copied to the end of the log',
    plainGit: 'accepted',
    make: ({ repo }) => {
      const approvals = repo.git('log', '--format=%H', '--grep=^approve: ', LOG).split('\n');
      const copy = body(repo, 'commit', approvals.at(-1) ?? '').replace(
        /^parent .*$/m,
        `parent ${repo.git('rev-parse', LOG)}`,
      );
      repo.git('update-ref', LOG, store(repo, 'commit', copy));
    },
    log: /^(order|signature): .*(is number|bad signature)/m,
  }),
  broken({
    id: 'approval-of-another',
    attack: 'An approver’s word on one promotion is entered for the next',
    plainGit: GIT_SEES,
    make: (scene) => forgeApproval(scene, { by: scene.people.cy, number: 2, of: 1 }),
    log: /^promotion: event \d+: is of sha256:[0-9a-f]{64}, and production\/2 is sha256:/m,
  }),
  broken({
    id: 'approval-without-role',
    attack: 'Somebody of the policy who is no approver approves',
    plainGit: GIT_SEES,
    make: (scene) => forgeApproval(scene, { by: scene.people.dan, number: 2 }),
    log: /^role: event \d+: dan .* does not have the role 'approver'/m,
  }),
  broken({
    id: 'approval-by-stranger',
    attack: 'Somebody who can push approves with a key of their own',
    plainGit: GIT_SEES,
    make: (scene) => forgeApproval(scene, { by: scene.people.eve, number: 2 }),
    log: /^signature: event \d+: is signed by .* which was not in the policy/m,
  }),
  broken({
    id: 'approval-in-another-name',
    attack: 'An approver approves a second time in somebody else’s name',
    plainGit: GIT_SEES,
    make: (scene) =>
      forgeApproval(scene, {
        by: scene.people.cy,
        number: 2,
        event: (event) => {
          event.actor = 'ben';
        },
      }),
    log: /^actor: event \d+: says it is by 'ben', and .* is cy's/m,
  }),
  attack({
    id: 'approval-by-author',
    attack: 'Who took the snapshot approves it, with a program that does not ask',
    plainGit: GIT_SEES,
    product: 'does not count: the author is left out unless the policy says otherwise',
    make: async (scene) => {
      await forgeApproval(scene, { by: scene.people.ben, number: 2 });
      await forgeApproval(scene, { by: scene.people.cy, number: 2 });
    },
    approve: /you have said so of production\/2 already|would not count/,
  }),
  attack({
    id: 'approval-by-promoter-twice',
    attack: 'Who promoted it approves it, with two keys',
    plainGit: GIT_SEES,
    product: 'does not count: people are counted, not keys, and the promoter is left out',
    make: async (scene) => {
      await forgeApproval(scene, { by: scene.people.ada, number: 2 });
      await forgeApproval(scene, { by: scene.people.ada2, number: 2 });
      await forgeApproval(scene, { by: scene.people.cy, number: 2 });
    },
    approve: /would not count: ben took the snapshot/,
  }),
  attack({
    id: 'approval-says-otherwise',
    attack: 'An event tells of an approval, and its tag of a rejection',
    plainGit: 'accepted; nobody compares',
    product: 'named by `log --verify`: tag and event must say the same',
    make: (scene) =>
      forgeApproval(scene, {
        by: scene.people.cy,
        number: 2,
        change: (payload) => payload.replace(/^Decision: .*$/m, 'Decision: reject'),
      }),
    log: /^decision: 'refs\/approvals\/[^']*': the tag says reject, event \d+ says approve$/m,
  }),
  attack({
    id: 'rejection-removed',
    attack: 'A rejection’s ref is deleted, to hide it',
    plainGit: 'gone, without a trace',
    product: 'goes on to block: rejections are events of the log; `log --verify` names the ref',
    make: async (scene) => {
      await scene.as('cy').ok('snapshot', 'reject', 'production/2', ...WHY);
      const refs = scene.repo.git('for-each-ref', '--format=%(refname)', 'refs/approvals/artifacts/production/2');
      scene.repo.git('update-ref', '-d', refs);
    },
    log: /^ref: event \d+ tells of 'refs\/approvals\/artifacts\/production\/2\/[0-9a-f]{16}' at \w+, and its ref is gone$/m,
  }),
  broken({
    id: 'number-skipped',
    attack: 'A promoter leaves numbers out, so that nothing later can be live',
    plainGit: GIT_SEES,
    make: (scene) => forgePromotion(scene, { by: scene.people.ada, environment: 'staging', number: 999_999_999 }),
    log: /^number: event \d+: is number 999999999 in staging, the next one is 3$/m,
  }),
  broken({
    id: 'number-again',
    attack: 'A promoter uses a number again, for another snapshot',
    plainGit: GIT_SEES,
    make: (scene) => forgePromotion(scene, { by: scene.people.ada, environment: 'staging', number: 1 }),
    log: /^number: event \d+: is number 1 in staging, the next one is 3$/m,
  }),
  broken({
    id: 'two-snapshots',
    attack: 'A promoter promotes the payload that is live in staging with the tag of another snapshot',
    plainGit: GIT_SEES,
    make: (scene) =>
      forgePromotion(scene, {
        by: scene.people.ada,
        environment: 'production',
        number: 3,
        change: (payload) => payload.replace(/^object .*$/m, `object ${scene.good.tag}`),
      }),
    log: /^snapshot: event \d+: promotes artifacts\/\S+ \(\w+\), and sha256:/m,
  }),
  broken({
    id: 'not-live-before',
    attack: 'A promoter promotes what is not live in the environment before',
    plainGit: GIT_SEES,
    make: (scene) =>
      forgePromotion(scene, {
        by: scene.people.ada,
        environment: 'production',
        number: 3,
        change: (payload) =>
          payload
            .replace(/^object .*$/m, `object ${scene.good.tag}`)
            .replace(/^Snapshot: .*$/m, `Snapshot: ${scene.good.id}`)
            .replace(/^Payload: .*$/m, `Payload: ${scene.good.payload}`),
      }),
    log: /^from: event \d+: \S+ is not live in staging; \S+ is$/m,
  }),
  broken({
    id: 'break-glass',
    attack: 'A releaser goes past the rules where the policy does not allow it',
    plainGit: GIT_SEES,
    make: (scene) =>
      forgePromotion(scene, {
        by: scene.people.ada,
        environment: 'production',
        number: 3,
        change: (payload) => `${payload}Break-Glass: yes\n`,
        event: (event) => {
          event['breakGlass'] = true;
        },
      }),
    log: /^break-glass: event \d+: the policy allows nobody to promote to production past its rules$/m,
  }),
  broken({
    id: 'never-live',
    attack: 'A releaser “rolls back” to what was never live',
    plainGit: GIT_SEES,
    make: (scene) =>
      forgePromotion(scene, {
        by: scene.people.ada,
        environment: 'production',
        number: 3,
        change: (payload) => payload.replace(/^Action: .*$/m, 'Action: rollback'),
      }),
    log: /^rollback: event \d+: \S+ has never been live in production$/m,
  }),
  attack({
    id: 'promotion-deleted',
    attack: 'The ref of a promotion is deleted',
    plainGit: 'gone, without a trace',
    product: 'what is live stays: it is computed from the log; nothing rests on the promotion until its tag is back',
    make: ({ repo }) => repo.git('update-ref', '-d', `${PRODUCTION}/2`),
    log: /^ref: event \d+ tells of 'refs\/promotions\/artifacts\/production\/2' at \w+, and its ref is gone$/m,
    approve: /'refs\/promotions\/artifacts\/production\/2' is gone/,
  }),
  attack({
    id: 'live-promotion-deleted',
    attack: 'The ref of the promotion that is live is deleted, or moved back to the one before',
    plainGit: 'gone, or another, without a trace',
    product:
      '`@production`, a restore, a rollback to it and a promotion on from there are refused; `log --verify` names it',
    make: async (scene) => {
      const { repo, good, other } = scene;
      const sound = repo.git('rev-parse', `${STAGING}/2`);
      const refused = async (...words: string[]) => {
        const { code, stderr } = await repo.run(['snapshot', ...words]);
        expect(code, `${words.join(' ')}: ${stderr}`).toBe(6);
        expect(stderr).toMatch(/'refs\/promotions\/artifacts\/staging\/2' is (gone|at \w+), event \d+ tells of it at/);
      };
      const restsOnIt = async () => {
        await refused('restore', '@staging', '--yes');
        await refused('diff', '@staging');
        await refused('promote', '@staging', 'production', ...WHY);
        await refused('promote', other.id, 'production', ...WHY);
      };
      await scene.as('ben').ok('snapshot', 'reject', 'production', ...WHY);
      repo.git('update-ref', '-d', `${STAGING}/2`);
      await restsOnIt();
      repo.git('update-ref', `${STAGING}/2`, repo.git('rev-parse', STAGED));
      await restsOnIt();
      repo.git('update-ref', '-d', STAGED);
      const back = await repo.run(['rollback', '--env', 'staging', good.id, ...WHY]);
      expect(back.code, back.stderr).toBe(6);
      expect(back.stderr).toContain(`'${STAGED}' is gone`);
      repo.git('update-ref', `${STAGING}/2`, sound);
      expect(await live(scene, 'staging')).toBe(other.id);
    },
    log: /^ref: event \d+ tells of 'refs\/promotions\/artifacts\/staging\/1' at \w+, and its ref is gone$/m,
  }),
  attack({
    id: 'promotion-moved',
    attack: 'The ref of a promotion is moved to another promotion',
    plainGit: GIT_SEES,
    product: 'refused wherever something would rest on it; `log --verify` names it',
    make: ({ repo }) => repo.git('update-ref', `${PRODUCTION}/2`, repo.git('rev-parse', STAGED)),
    log: /^ref: event \d+ tells of 'refs\/promotions\/artifacts\/production\/2' at (\w+), and it is at (?!\1)\w+$/m,
    approve: /'refs\/promotions\/artifacts\/production\/2' is at \w+, event \d+ tells of it at/,
  }),
  attack({
    id: 'promotion-unsigned',
    attack: 'A promotion’s tag is replaced by one that nobody signed',
    plainGit: 'accepted: the ref is a ref',
    product: 'refused wherever something would rest on it; `log --verify` names it',
    make: ({ repo }) =>
      repo.git(
        'update-ref',
        `${PRODUCTION}/2`,
        store(repo, 'tag', splitTag(body(repo, 'tag', `${PRODUCTION}/2`)).payload),
      ),
    log: /^ref: event \d+ tells of 'refs\/promotions\/artifacts\/production\/2'/m,
    approve: /event \d+ tells of it at/,
  }),
  attack({
    id: 'promotion-signed-by-another',
    attack: 'A promoter’s event names a tag that a stranger signed',
    plainGit: GIT_SEES,
    product: 'refused wherever something would rest on it; `log --verify` names it',
    make: async (scene) => {
      const { ada, eve } = scene.people;
      await forgePromotion(scene, { by: { ...ada, sign: ada.sign }, environment: 'staging', number: 3 });
      const { payload } = splitTag(body(scene.repo, 'tag', `${PRODUCTION}/2`));
      const named = payload.replace(/^(tag .*\/)\d+$/m, '$13');
      const tag = store(scene.repo, 'tag', named + (await eve.sign(named)));
      scene.repo.git('update-ref', `${PRODUCTION}/3`, tag);
      const { seq: _, ...last } = lastEvent(scene.repo);
      await forgeEvent(scene, ada, {
        report: { ...last, environment: 'production', number: 3, tag, payload: `sha256:${sha256(named)}` },
      });
      const { code, stderr } = await scene.as('cy').run(['snapshot', 'approve', 'production/3', ...WHY]);
      expect(code, stderr).toBe(6);
      expect(stderr).toMatch(/is not to be trusted: signature: the key \S+ is not in the policy/);
    },
    log: /^signature: 'refs\/promotions\/artifacts\/production\/3': the key \S+ is not in the policy$/m,
  }),
];
