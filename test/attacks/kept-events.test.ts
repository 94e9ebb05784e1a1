import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LOG } from './support/forge.ts';
import { keptFile } from './support/kept-file.ts';
import { expectGood, logFindings } from './support/refusal.ts';
import { makeTemplate, removeTemplate, type Scene, sceneOf } from './support/scene.ts';

let template: Awaited<ReturnType<typeof makeTemplate>>;
beforeAll(async () => {
  template = await makeTemplate();
});
afterAll(() => removeTemplate(template));

const subjects = async ({ repo }: Scene) =>
  (await repo.json<{ event: { subject?: string } }[]>('snapshot', 'log')).map(({ event }) => event.subject);

it('keeps what was verified where nobody else can write, and says the same from there', async () => {
  const scene = await sceneOf(template);
  rmSync(keptFile(scene), { force: true });
  const before = await scene.repo.ok('snapshot', 'log', '--json');
  expect(statSync(keptFile(scene)).mode & 0o777).toBe(0o600);
  expect(await scene.repo.ok('snapshot', 'log', '--json')).toBe(before);
  await expectGood(scene);
});

it('believes nothing of what is kept once it is edited', async () => {
  const scene = await sceneOf(template);
  const before = await subjects(scene);
  const text = readFileSync(keptFile(scene), 'utf8');
  const edited = text.replace(/"subject":"[^"]*"/, '"subject":"something else"');
  expect(edited).not.toBe(text);
  writeFileSync(keptFile(scene), edited);
  expect(await subjects(scene)).toEqual(before);
  // It is written anew.
  expect(readFileSync(keptFile(scene), 'utf8')).not.toContain('something else');
  expect(await subjects(scene)).toEqual(before);
  await expectGood(scene);
});

it('uses nothing that is kept beyond what is known to be verified, and forgets it together with that', async () => {
  const scene = await sceneOf(template);
  await subjects(scene);
  expect(existsSync(keptFile(scene))).toBe(true);
  const tip = scene.repo.git('rev-parse', LOG);
  scene.repo.git('update-ref', LOG, `${tip}~1`);
  expect(await logFindings(scene)).toMatch(/^went-back: /m);
  expect((await scene.repo.run(['snapshot', 'verify', '--all', '--quick'])).code).toBe(1);
  scene.repo.git('update-ref', LOG, tip);
  await expectGood(scene);
  await scene.repo.ok('snapshot', 'trust', 'accept', '--yes');
  expect(existsSync(keptFile(scene))).toBe(false);
});

it('finds what happened to a commit of the log whose event is kept, when the log is verified', async () => {
  const scene = await sceneOf(template);
  const { repo } = scene;
  await subjects(scene);
  const old = repo.git('rev-parse', `${LOG}~2`);
  const file = join(repo.dir, '.git/objects', old.slice(0, 2), old.slice(2));
  const bytes = readFileSync(file);
  // Another commit, under its name.
  const other = repo.git('rev-parse', `${LOG}~1`);
  rmSync(file);
  writeFileSync(file, readFileSync(join(repo.dir, '.git/objects', other.slice(0, 2), other.slice(2))));
  expect(await logFindings(scene)).toContain(old);
  rmSync(file);
  expect(await logFindings(scene)).toContain(old);
  writeFileSync(file, bytes);
  expect(await logFindings(scene)).toBe('');
});
