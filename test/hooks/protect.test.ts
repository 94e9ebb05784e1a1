import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgeSnapshot, treeOf } from '../attacks/support/forge.ts';
import { removeTemplate, type Scene, sceneIn, type Template } from '../attacks/support/scene.ts';
import { gitIn } from './hooked-repo.ts';
import { changePolicy, emptyServer, makeServedTemplate, type Server, SHARED } from './server-scene.ts';

/*
 * `main` may hold what some snapshot holds, `release/*` and tags what is live in production. On the server are the snapshots
 * `good` (live) and `other`.
 */

let template: Template;
let server: Server;
let scene: Scene;

beforeAll(async () => {
  template = await makeServedTemplate();
  scene = sceneIn(template.base, template);
  await changePolicy(scene, (policy) =>
    Object.assign(policy, {
      protect: {
        verified: { refs: ['refs/heads/main'], set: 'artifacts', equals: 'verified' },
        live: {
          refs: ['refs/heads/release/**', 'refs/tags/v*'],
          set: 'artifacts',
          equals: 'live',
          environment: 'production',
          allowDelete: true,
        },
      },
    }),
  );
  server = await emptyServer(template.trustRoot);
  expect(server.push(scene.repo.dir, SHARED)).toMatchObject({ code: 0 });
});

afterAll(() => {
  removeTemplate(template);
  server.remove();
});

/** A commit with this tree as `artifacts/`, beside other things. */
function commit(tree: string | undefined): string {
  const { git } = scene.repo;
  const lines = [`160000 commit ${'1'.repeat(40)}\tsubmodule`, ...(tree ? [`040000 tree ${tree}\tartifacts`] : [])];
  const top = gitIn(scene.repo.dir, ['mktree', '--missing'], {}, `${lines.join('\n')}\n`).stdout.trim();
  return git('commit-tree', '-m', 'ordinary', top);
}

const directory = (name: string, tree: string) => ['40000', name, tree] as const;
const file = (name: string) => ['100644', name, scene.repo.git('rev-parse', `${scene.good.tree}:a`)] as const;

function push(commitOid: string, ref: string) {
  return server.push(scene.repo.dir, [`+${commitOid}:${ref}`]);
}

test('the hook looks at every push once the policy protects something', () => {
  expect(existsSync(join(server.dir, 'snapshot/protect'))).toBe(true);
});

test('main takes what a snapshot holds, and nothing else', () => {
  expect(push(commit(scene.good.tree), 'refs/heads/main')).toMatchObject({ code: 0 });
  expect(push(commit(scene.other.tree), 'refs/heads/main')).toMatchObject({ code: 0 });
  const before = server.refs();
  const changed = scene.repo.git('rev-parse', `${scene.good.tree}:sub`);
  const wrong = push(commit(changed), 'refs/heads/main');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(
    /'refs\/heads\/main' is protected, and 'artifacts' in \w+ does not hold what is in a snapshot/,
  );
  expect(wrong.stderr).toMatch(/hint: Take a snapshot of 'artifacts'/);
  expect(push(commit(undefined), 'refs/heads/main').stderr).toMatch(/has no directory 'artifacts'/);
  expect(server.push(scene.repo.dir, [':refs/heads/main']).stderr).toMatch(/is protected, and would be deleted/);
  expect(server.refs()).toBe(before);
  // Whatever is not named stays free.
  expect(push(commit(changed), 'refs/heads/topic')).toMatchObject({ code: 0 });
});

test('branches and tags of releases take what is live', () => {
  for (const ref of ['refs/heads/release/2026/11', 'refs/tags/v1']) {
    const wrong = push(commit(scene.other.tree), ref);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/does not hold what is in \S+, live in production \(rule 'live'\)/);
    expect(push(commit(scene.good.tree), ref)).toMatchObject({ code: 0 });
    expect(server.push(scene.repo.dir, [`:${ref}`])).toMatchObject({ code: 0 });
  }
  // A tag object is looked through.
  scene.repo.git('tag', '-a', '-m', 'two', 'v2', commit(scene.good.tree));
  expect(server.push(scene.repo.dir, ['refs/tags/v2'])).toMatchObject({ code: 0 });
  expect(push(scene.good.tree, 'refs/tags/v3').stderr).toMatch(/is a tree, not a commit/);
});

test('empty directories, which git add cannot keep, make no difference', async () => {
  const { repo } = scene;
  mkdirSync(join(repo.root, 'empty/below'), { recursive: true });
  writeFileSync(join(repo.root, 'a'), 'with empty directories\n');
  const taken = await scene.as('ada').take('-m', 'empty');
  expect(server.push(repo.dir, SHARED)).toMatchObject({ code: 0 });
  repo.git('read-tree', '--empty');
  repo.git('add', 'artifacts');
  const tree = repo.git('rev-parse', `${repo.git('write-tree')}:artifacts`);
  expect(tree).not.toBe(taken.tree);
  expect(push(commit(tree), 'refs/heads/main')).toMatchObject({ code: 0 });
});

test.each([
  [
    'two directories of one name',
    (good: string, evil: string) => [directory('artifacts', good), directory('artifacts', evil)],
  ],
  ['a slash in a name', (good: string) => [directory('artifacts', good), file('artifacts/a')]],
  [
    'a directory and a file of one name',
    (good: string) => [file('artifacts'), file('artifacts-x'), directory('artifacts', good)],
  ],
  ['entries out of order', (good: string) => [file('b'), directory('artifacts', good)]],
  [
    "a name that some systems take for '.git'",
    (good: string) => [directory('.GIT', good), directory('artifacts', good)],
  ],
])('a tree with %s, which git would not write, is refused', (_, items) => {
  const before = server.refs();
  const top = treeOf(scene.repo, items(scene.good.tree, scene.other.tree));
  const { code, stderr } = push(scene.repo.git('commit-tree', '-m', 'crafted', top), 'refs/heads/main');
  expect(code).toBe(1);
  expect(stderr).toMatch(/'refs\/heads\/main' is protected, and \w+ has a tree that git would not write: tree \w+: /);
  expect(server.refs()).toBe(before);
});

test('what comes with a snapshot that it needs is refused, whatever git does of the push: main stays', async () => {
  const { repo, people } = scene;
  writeFileSync(join(repo.root, 'a'), 'together\n');
  const taken = await scene.as('ada').take('-m', 'together');
  const at = commit(taken.tree);
  const before = server.refs();
  for (const [flags, refspecs] of [
    [[], ['refs/notes/snapshots', 'refs/snapshots/*:refs/snapshots/*']],
    [[], SHARED],
    [['--atomic'], SHARED],
  ] as const) {
    const { code, stderr } = server.push(repo.dir, [`+${at}:refs/heads/main`, ...refspecs], flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /'refs\/heads\/main' is protected, and .*\(rule 'verified'\), as things are before this push/,
    );
    expect(stderr).toContain('hint: Push the snapshots first, then this ref');
    expect(server.refs()).toBe(before);
  }
  // What is right already may come with others.
  expect(server.push(repo.dir, [...SHARED, `+${commit(scene.good.tree)}:refs/heads/main`])).toMatchObject({ code: 0 });
  expect(push(at, 'refs/heads/main')).toMatchObject({ code: 0 });
  const forged = await forgeSnapshot(scene, { by: people.dan, change: (payload) => payload, unlogged: true });
  expect(server.push(repo.dir, [forged.ref, `+${at}:refs/heads/main`]).code).toBe(1);
  repo.git('update-ref', '-d', forged.ref);
});

test('the clone that pushes is told before anything is sent', async () => {
  const { repo, trustRoot } = scene;
  const env = { ...server.env, GIT_SNAPSHOT_TRUST_ROOT: trustRoot };
  expect(gitIn(repo.dir, ['snapshot', 'hooks', 'install', '--hook', 'pre-push'], env)).toMatchObject({ code: 0 });
  const { code, stderr } = gitIn(repo.dir, ['push', server.dir, `+${commit(undefined)}:refs/heads/main`], env);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: 'refs\/heads\/main' is protected, and \w+ has no directory 'artifacts' \(rule 'verified'\)/,
  );
  expect(stderr).not.toContain('remote:');
  expect(gitIn(repo.dir, ['snapshot', 'hooks', 'uninstall'], env)).toMatchObject({ code: 0 });
});

test('the hook looks at ordinary pushes no more once no rule is left', async () => {
  await changePolicy(scene, (policy) => Object.assign(policy, { protect: undefined }));
  expect(server.push(scene.repo.dir, SHARED)).toMatchObject({ code: 0 });
  expect(push(commit(undefined), 'refs/heads/main')).toMatchObject({ code: 0 });
  writeFileSync(join(scene.repo.root, 'a'), 'last\n');
  await scene.as('ada').take('-m', 'last');
  expect(server.push(scene.repo.dir, SHARED)).toMatchObject({ code: 0 });
  expect(existsSync(join(server.dir, 'snapshot/protect'))).toBe(false);
});
