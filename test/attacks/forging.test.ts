import { expect } from 'vitest';
import type { Attack } from './support/attack.ts';
import { announce, forgePolicy, forgeSnapshot } from './support/forge.ts';
import { expectGoodForGit } from './support/plain-git.ts';
import { expectGood, verify } from './support/refusal.ts';
import { runAttacks } from './support/run-attacks.ts';

// What the suite forges is refused for what is wrong with it, and for nothing else: made by who may, it is good.
const CONTROLS: readonly Pick<Attack, 'id' | 'run'>[] = [
  { id: 'nothing was done', run: expectGood },
  {
    id: 'a snapshot by a snapshotter',
    run: async (scene) => {
      const snapshot = await forgeSnapshot(scene, { by: scene.people.ben });
      expectGoodForGit(scene, snapshot.ref);
      await expectGood(scene);
      await scene.repo.ok('rollback', '--yes', snapshot.id);
    },
  },
  {
    id: 'a policy by two roots',
    run: async (scene) => {
      const { ada, ben } = scene.people;
      const policy = await forgePolicy(scene, { change: () => {}, signers: [ada, ben] });
      await announce(scene, ben, policy);
      await expectGood(scene);
      await forgeSnapshot(scene, {
        by: ben,
        change: (payload) => payload.replace(/^Policy: .*$/m, `Policy: 3 ${policy.digest}`),
      });
      await expectGood(scene);
      expect((await verify(scene, '--all')).code).toBe(0);
    },
  },
];

runAttacks(CONTROLS.map((control) => ({ ...control, class: 'refs', attack: '', plainGit: '', product: '' })));
