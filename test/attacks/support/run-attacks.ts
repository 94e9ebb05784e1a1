import { afterAll, beforeAll, describe, it } from 'vitest';
import { ATTACK_CLASSES, type Attack } from './attack.ts';
import { makeTemplate, removeTemplate, sceneOf } from './scene.ts';

/** Makes a test of each attack, in a repository of its own. */
export function runAttacks(attacks: readonly Attack[]): void {
  let template: Awaited<ReturnType<typeof makeTemplate>> | undefined;
  beforeAll(async () => {
    template = await makeTemplate();
  });
  afterAll(() => {
    if (template !== undefined) removeTemplate(template);
  });
  describe.each([...new Set(attacks.map((attack) => attack.class))])('%s', (name) => {
    it.each(attacks.filter((attack) => attack.class === name))(`${ATTACK_CLASSES[name]}: $id`, async ({ run }) => {
      if (template === undefined) throw new Error('there is no template');
      await run(await sceneOf(template));
    });
  });
}
