import { expect, onTestFinished } from 'vitest';
import { emptyServer, type Server, SHARED } from '../hooks/server-scene.ts';
import { forgePromotion } from './promotions.ts';
import type { Attack } from './support/attack.ts';
import { announce, body, forgeEvent, forgePolicy, LOG, type Loose, sha256, splitTag } from './support/forge.ts';
import { logFindings } from './support/refusal.ts';
import type { Person, Scene } from './support/scene.ts';

const PRODUCTION = 'refs/promotions/artifacts/production';
const WHY = ['-m', 'why', '--yes'];

/**
 * Nothing is promoted to `production` after a rollback until a releaser says so. Ada, who promotes and releases, promoted `good`
 * and `other`, and went back to `good` as number 3.
 */
async function onHold(scene: Scene): Promise<void> {
  const { repo, people, good, other } = scene;
  const policy = await forgePolicy(scene, {
    change: (written) => {
      written['environments'] = { staging: {}, production: { rollback: { approvals: 0, hold: true } } };
      written.roles['promoter'] = { people: ['ada', 'ben'], threshold: 1 };
      written.roles['releaser'] = { people: ['ada'], threshold: 1 };
    },
    signers: [people.ada, people.ben],
  });
  await announce(scene, people.ben, policy);
  for (const { id } of [good, other]) await repo.ok('snapshot', 'promote', id, 'production', ...WHY);
  await repo.ok('rollback', '--env', 'production', ...WHY);
  expect(await logFindings(scene)).toBe('');
  expect(await held(scene)).toBe(3);
}

/** Number of the rollback that production is on hold for, or what is said instead. */
async function held({ repo }: Scene): Promise<unknown> {
  const { code, stdout, stderr } = await repo.run(['snapshot', 'environments', '--json', '--set', 'artifacts']);
  if (code !== 0) return `exit ${code}: ${stderr}`;
  const found = JSON.parse(stdout) as { environment: string; hold: { number: number } | null }[];
  return found.find(({ environment }) => environment === 'production')?.hold?.number;
}

/** An event that lets promotions in again after this number, with the digest of that promotion. */
async function forgeResume(
  scene: Scene,
  {
    by,
    number,
    environment = 'production',
    change,
  }: { by: Person; number: number; environment?: string; change?: (event: Loose) => void },
): Promise<void> {
  const ref = `${PRODUCTION}/${number}`;
  const promotion = `sha256:${sha256(splitTag(body(scene.repo, 'tag', ref)).payload)}`;
  const tag = scene.repo.git('rev-parse', ref);
  const report = { type: 'resume', set: 'artifacts', environment, number, tag, promotion, reason: 'go on' };
  await forgeEvent(scene, by, { report, change });
}

interface Deed extends Pick<Attack, 'id' | 'attack' | 'plainGit'> {
  readonly make: (scene: Scene) => Promise<void>;
  /** In what `log --verify` says, and a server. */
  readonly log: RegExp;
  /** Whether it is also pushed to a server, which judges by the same code whatever it is. */
  readonly pushed?: boolean;
}

/** Something that would have production take promotions, or have taken one. */
const attack = ({ make, log, pushed = false, ...told }: Deed): Attack => ({
  ...told,
  class: 'promotions',
  product:
    'a finding that names it; `pre-receive` refuses it, and nothing is promoted until an auditor has repaired the log',
  run: async (scene) => {
    await onHold(scene);
    const server = pushed ? await serverOf(scene) : undefined;
    await make(scene);
    expect(await logFindings(scene)).toMatch(log);
    const events = scene.repo.git('rev-list', '--count', LOG);
    const { code } = await scene.repo.run(['snapshot', 'promote', scene.other.id, 'production', ...WHY]);
    expect(code).toBe(6);
    expect(scene.repo.git('rev-list', '--count', LOG)).toBe(events);
    if (server !== undefined) await expectRefused(scene, server, log);
  },
});

/** A server that has what is there now. */
async function serverOf({ repo, trustRoot }: Scene): Promise<Server> {
  const server = await emptyServer(trustRoot);
  onTestFinished(server.remove);
  expect(server.push(repo.dir, SHARED)).toMatchObject({ code: 0 });
  return server;
}

async function expectRefused({ repo }: Scene, server: Server, says: RegExp): Promise<void> {
  const before = server.refs();
  const { code, stderr } = server.push(repo.dir, SHARED);
  expect(stderr).toMatch(new RegExp(says.source.replace(/^\^/, ''), says.flags));
  expect(code).toBe(1);
  expect(server.refs()).toBe(before);
}

export const HOLD_ATTACKS: readonly Attack[] = [
  attack({
    id: 'hold-promoted',
    pushed: true,
    attack: 'A promoter promotes to an environment that is on hold since a rollback, with a program that does not ask',
    plainGit: 'accepted; `git verify-tag` says that the tag is good',
    make: (scene) =>
      forgePromotion(scene, {
        by: scene.people.ada,
        environment: 'production',
        number: 4,
        change: () => {
          const { payload: second } = splitTag(body(scene.repo, 'tag', `${PRODUCTION}/2`));
          return second.replace(/^(tag .*\/)\d+$/m, '$14').replace(/^Live: .*$/m, 'Live: 3');
        },
      }),
    log: /^hold: event \d+: production is on hold since \S+: ada rolled it back \(production\/3\)/m,
  }),
  attack({
    id: 'hold-resumed-without-role',
    attack: 'A promoter who is no releaser lets promotions in again',
    plainGit: 'accepted',
    make: (scene) => forgeResume(scene, { by: scene.people.ben, number: 3 }),
    log: /^role: event \d+: ben .* does not have the role 'releaser'/m,
  }),
  attack({
    id: 'hold-resumed-by-stranger',
    attack: 'Somebody who can push lets promotions in again with a key of their own',
    plainGit: 'accepted',
    make: (scene) => forgeResume(scene, { by: scene.people.eve, number: 3 }),
    log: /^signature: event \d+: is signed by .* which was not in the policy/m,
  }),
  attack({
    id: 'hold-resumed-after-another',
    attack: 'A releaser resumes after another promotion than the rollback that it is on hold for',
    plainGit: 'accepted',
    make: (scene) => forgeResume(scene, { by: scene.people.ada, number: 2 }),
    log: /^resume: event \d+: resumes after production\/2 \(sha256:[0-9a-f]{64}\), and on hold it is for production\/3/m,
  }),
  attack({
    id: 'hold-resumed-elsewhere',
    attack: 'A releaser’s word on one environment is entered for another',
    plainGit: 'accepted',
    make: (scene) => forgeResume(scene, { by: scene.people.ada, number: 3, environment: 'staging' }),
    log: /^resume: event \d+: staging is not on hold$/m,
  }),
  attack({
    id: 'hold-resumed-again',
    attack: 'What a releaser said after one rollback is said again after the next',
    plainGit: 'accepted',
    make: async (scene) => {
      await scene.repo.ok('snapshot', 'resume', 'production', ...WHY);
      await scene.repo.ok('snapshot', 'promote', scene.other.id, 'production', ...WHY);
      await scene.repo.ok('rollback', '--env', 'production', ...WHY);
      expect(await held(scene)).toBe(5);
      await forgeResume(scene, { by: scene.people.ada, number: 3 });
    },
    log: /^resume: event \d+: resumes after production\/3 \(sha256:[0-9a-f]{64}\), and on hold it is for production\/5/m,
  }),
];
