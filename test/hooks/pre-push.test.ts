import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { forgeSnapshot, LOG, POLICY } from '../attacks/support/forge.ts';
import { removeTemplate, type Scene, sceneOf, type Template } from '../attacks/support/scene.ts';
import { tempRepo } from '../support/temp-repo.ts';
import { type Ended, gitIn } from './hooked-repo.ts';
import { emptyServer, makeServedTemplate, type Server, SHARED } from './server-scene.ts';

/* Pushes by hand, with plain git, to a server that takes everything. */

const AUTHOR = {
  GIT_AUTHOR_NAME: 'x',
  GIT_AUTHOR_EMAIL: 'x@example.org',
  GIT_COMMITTER_NAME: 'x',
  GIT_COMMITTER_EMAIL: 'x@example.org',
};

let template: Template;
let server: Server;
let scene: Scene;
let remote: string;

beforeAll(async () => {
  template = await makeServedTemplate();
  // For its environment alone.
  server = await emptyServer(template.trustRoot);
});

beforeEach(async () => {
  scene = await sceneOf(template);
  remote = tempRepo('--bare').dir;
  expect(push(SHARED)).toMatchObject({ code: 0 });
  expect(here('snapshot', 'hooks', 'install', '--hook', 'pre-push')).toMatchObject({ code: 0 });
});

afterAll(() => {
  removeTemplate(template);
  server.remove();
});

function here(...words: string[]): Ended {
  return gitIn(scene.repo.dir, words, { ...server.env, ...scene.env });
}

function push(refspecs: readonly string[]): Ended {
  return here('push', '-q', '--atomic', remote, ...refspecs);
}

async function third() {
  writeFileSync(join(scene.repo.root, 'a'), 'third\n');
  return scene.as('ada').take('-m', 'third');
}

function expectRefused({ code, stderr }: Ended, says: RegExp): void {
  expect(stderr).toMatch(says);
  expect(stderr).toContain('hint: ');
  expect(code).toBe(1);
}

test('what belongs together goes', async () => {
  const { ref } = await third();
  expect(push([ref, LOG])).toMatchObject({ code: 0 });
  expect(push(['HEAD:refs/heads/x']).stderr).toMatch(/src refspec HEAD/);
});

test('a ref without the log, and the log without a ref', async () => {
  const { ref } = await third();
  expectRefused(push([ref]), /'refs\/snapshots\/\S+' is pushed without 'refs\/notes\/snapshots', which tells of it/);
  expectRefused(push([LOG]), /'refs\/snapshots\/\S+' is not pushed, and event \d+ of the log, which is, tells of it/);
});

test('what the remote has already need not go again', async () => {
  const { ref, tag } = await third();
  // Somebody lost a ref there.
  expect(push([ref, LOG])).toMatchObject({ code: 0 });
  gitIn(remote, ['update-ref', '-d', ref]);
  expect(push([ref])).toMatchObject({ code: 0 });
  gitIn(remote, ['update-ref', LOG, `${LOG}~1`]);
  expect(push([LOG])).toMatchObject({ code: 0 });
  expect(gitIn(remote, ['rev-parse', ref]).stdout).toBe(`${tag}\n`);
});

test('a ref under another name, deleted, or moved', () => {
  const { good, other } = scene;
  expectRefused(
    push([`${good.tag}:refs/snapshots/models/${good.id}`]),
    /would be made from '\w+', and there is no such ref here/,
  );
  expectRefused(push([`+${other.tag}:${good.ref}`]), /would be \w+ \('\w+'\), and here it is \w+/);
  expectRefused(push([`:${good.ref}`]), /would be deleted there/);
  expectRefused(push([`+${LOG}~1:${LOG}`]), /would be \w+ \('refs\/notes\/snapshots~1'\)/);
  expectRefused(push([`+${POLICY}~1:${POLICY}`]), /'refs\/snapshot-policy\/current' would be/);
});

test('a repository that is not sound sends nothing', async () => {
  const { ref } = await forgeSnapshot(scene, { by: scene.people.dan });
  expectRefused(push([ref, LOG]), /git-snapshot: refused: role: event \d+: dan /);
  expect(gitIn(remote, ['rev-parse', '-q', '--verify', ref]).code).toBe(1);
});

test('a remote with events that are not here', async () => {
  const { ref } = await third();
  expect(push([ref, LOG])).toMatchObject({ code: 0 });
  const behind = await sceneOf(template);
  scene = behind;
  expect(here('snapshot', 'hooks', 'install', '--hook', 'pre-push')).toMatchObject({ code: 0 });
  writeFileSync(join(behind.repo.root, 'a'), 'fourth\n');
  const fourth = await behind.as('ada').take('-m', 'fourth');
  expectRefused(push([`+${fourth.ref}:${fourth.ref}`, `+${LOG}:${LOG}`]), /there has events that this clone lacks/);
});

test('a remote whose log is none any more is put right by what the hint says', async () => {
  const none = gitIn(remote, ['commit-tree', '-m', 'nothing', scene.good.tree], AUTHOR).stdout.trim();
  gitIn(remote, ['update-ref', LOG, none]);
  const { ref } = await third();
  const { code, stderr } = push([ref, `+${LOG}`]);
  expect(code).toBe(1);
  expect(stderr).toContain('Run "git snapshot fetch": it takes them, or says what is wrong with them.');
  const [, command = ''] = /in their place: (git push --no-verify .*)$/m.exec(stderr) ?? [];
  const env = { ...process.env, ...server.env, ...scene.env };
  expect(spawnSync('sh', ['-c', command], { cwd: scene.repo.dir, env, encoding: 'utf8' })).toMatchObject({ status: 0 });
  expect(here('snapshot', 'fetch', remote)).toMatchObject({ code: 0 });
});

test('a remote whose policy was taken away is put right by what the hint says', () => {
  gitIn(remote, ['update-ref', '-d', POLICY]);
  const { code, stderr } = here('snapshot', 'fetch', remote);
  expect(code).toBe(6);
  expect(stderr).toContain('"git snapshot push" mends it');
  expect(here('snapshot', 'push', remote)).toMatchObject({ code: 0 });
  expect(here('snapshot', 'fetch', remote)).toMatchObject({ code: 0 });
});
