import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMemory, writeMemory } from '../../src/sign/trust-memory.ts';
import { forgeEvent, LOG } from './support/forge.ts';
import { expectGood, logFindings } from './support/refusal.ts';
import { makeTemplate, removeTemplate, type Scene, sceneOf } from './support/scene.ts';

let template: Awaited<ReturnType<typeof makeTemplate>>;
beforeAll(async () => {
  template = await makeTemplate();
});
afterAll(() => removeTemplate(template));

interface Memory {
  readonly policy: { readonly version: number };
  readonly log: { readonly seq: number; readonly oid: string };
  readonly judgedBy: { readonly policy: string; readonly log: string };
}

const OLDER = { policy: '0.0.1', log: '0.0.1' };

/** Changes what ada remembers of the scene, as her program would. */
async function rewrite(scene: Scene, change: (memory: Memory) => unknown): Promise<void> {
  const name = nameOf(scene);
  const memory = await readMemory<Memory>(name);
  if (memory === undefined) throw new Error('nothing is remembered');
  await writeMemory(name, { ...memory, ...(change(memory) as object) });
}

function nameOf({ env, repo }: Scene) {
  const [clone = '', repository = ''] = readFileSync(join(repo.dir, '.git/snapshot/clone'), 'latin1').split(/[ \n]/);
  return { configDir: join(env.XDG_CONFIG_HOME, 'git-snapshot'), repository, clone };
}

it('verifies anew what another version of the program verified, and remembers it as its own', async () => {
  const scene = await sceneOf(template);
  const before = await readMemory(nameOf(scene));
  await rewrite(scene, () => ({ judgedBy: OLDER }));
  await expectGood(scene);
  expect(await readMemory(nameOf(scene))).toEqual(before);
});

it.each([
  [OLDER, /^signature: event 5/],
  // Its own word is taken: that is what it is remembered for.
  [{}, /^$/],
])('believes an event that was verified by %o only if that was this version', async (judgedBy, findings) => {
  const scene = await sceneOf(template);
  const { good, people } = scene;
  const name = { id: good.id, tag: good.tag, payload: good.payload };
  const forged = await forgeEvent(scene, people.eve, {
    report: {
      type: 'rollback',
      set: 'artifacts',
      operation: '0'.repeat(32),
      action: 'rollback',
      outcome: 'applied',
      to: name,
      from: name,
      changes: { created: 0, replaced: 0, deleted: 0, modes: 0 },
      durationMs: 1,
    },
  });
  await rewrite(scene, (memory) => ({
    log: { ...memory.log, seq: 5, oid: forged },
    judgedBy: { ...memory.judgedBy, ...judgedBy },
  }));
  expect(await logFindings(scene)).toMatch(findings);
});

it('notices by the memory of another version that the log went back', async () => {
  const scene = await sceneOf(template);
  await rewrite(scene, () => ({ judgedBy: OLDER }));
  scene.repo.git('update-ref', LOG, `${LOG}~1`);
  expect(await logFindings(scene)).toMatch(/^went-back: the log went back: event 4/);
});

it('notices by the memory of another version that the policy went back', async () => {
  const scene = await sceneOf(template);
  await rewrite(scene, ({ policy }) => ({ policy: { ...policy, version: 3 }, judgedBy: OLDER }));
  expect(await logFindings(scene)).toMatch(/and this clone has seen version 3/);
});
