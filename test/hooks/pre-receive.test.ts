import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgePolicy, forgeSnapshot, LOG, POLICY } from '../attacks/support/forge.ts';
import { removeTemplate, type Scene, sceneIn, sceneOf, type Template } from '../attacks/support/scene.ts';
import { fsck, governedRepo } from '../support/governed-repo.ts';
import { type TempRepo, tempRepo } from '../support/temp-repo.ts';
import { ATTACKS, withoutABlob } from './attacks.ts';
import { gitIn } from './hooked-repo.ts';
import { changePolicy, copyOf, emptyServer, makeServedTemplate, type Server, SHARED } from './server-scene.ts';

let template: Template;
let server: Server;

beforeAll(async () => {
  template = await makeServedTemplate();
  server = await emptyServer(template.trustRoot);
  const { code, stderr } = server.push(`${template.base}/repo`, SHARED);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

afterAll(() => {
  removeTemplate(template);
  server.remove();
});

/** A server of its own for one test, with what the template has. */
async function withServer(act: (own: Server, scene: Scene) => Promise<void>): Promise<void> {
  const own = copyOf(server, template.trustRoot);
  try {
    await act(own, await sceneOf(template));
  } finally {
    own.remove();
  }
}

function change({ repo }: Scene, content: string): void {
  writeFileSync(join(repo.root, 'a'), content);
}

describe('attacks', () => {
  // One clone for all: each is made, named by its objects, and taken back by the refs. Pushing takes the most time.
  const prepared = new Map<string, readonly string[]>();
  let before: string;
  beforeAll(async () => {
    const scene = sceneIn(template.base, template);
    const refs = scene.repo.git('for-each-ref', '--format=%(objectname) %(refname)');
    for (const { name, make } of ATTACKS) {
      prepared.set(
        name,
        (await make(scene)).map((refspec) => byObject(scene, refspec)),
      );
      resetRefs(scene.repo, refs);
    }
    before = server.refs();
  });

  test.concurrent.each(ATTACKS)('$name', async ({ name, says }) => {
    const refspecs = prepared.get(name) ?? [];
    const { code, stderr } = await server.pushMeanwhile(`${template.base}/repo`, refspecs);
    expect(stderr).toMatch(says);
    expect(code).toBe(1);
    expect(server.refs()).toBe(before);
  });

  test('git alone takes all but those whose names collide', () => {
    const plain = tempRepo('--bare');
    const push = (refspecs: readonly string[]) =>
      gitIn(`${template.base}/repo`, ['push', '-q', '--atomic', plain.dir, ...refspecs]).code;
    expect(push(SHARED)).toBe(0);
    const refs = plain.git('for-each-ref', '--format=%(objectname) %(refname)');
    const refused = ATTACKS.filter(({ name }) => {
      const code = push(prepared.get(name) ?? []);
      resetRefs(plain, refs);
      return code !== 0;
    });
    expect(refused.map(({ name }) => name)).toEqual(['what stands in the way of our names']);
  });
});

/** A refspec that stays right when the refs here move. */
function byObject({ repo }: Scene, refspec: string): string {
  const [, force = '', from = '', to = from] = /^(\+?)([^:]*)(?::(.*))?$/.exec(refspec) ?? [];
  return from === '' ? refspec : `${force}${repo.git('rev-parse', from)}:${to}`;
}

function resetRefs(repo: TempRepo, refs: string): void {
  const wanted = refs.split('\n').map((line) => line.split(' ') as [string, string]);
  const names = new Set(wanted.map(([, name]) => name));
  const strange = repo
    .git('for-each-ref', '--format=%(refname)')
    .split('\n')
    .filter((name) => !names.has(name));
  const commands = [
    ...wanted.map(([oid, name]) => `update ${name} ${oid}`),
    ...strange.map((name) => `delete ${name}`),
  ];
  expect(gitIn(repo.dir, ['update-ref', '--stdin'], {}, `${commands.join('\n')}\n`)).toMatchObject({ code: 0 });
}

describe('what git itself would not send', () => {
  test('a snapshot without its content', async () => {
    const scene = await sceneOf(template);
    const before = server.refs();
    const { status, stdout, stderr } = spawnSync('git', ['receive-pack', server.dir], {
      env: { ...process.env, ...server.env },
      input: await withoutABlob(scene),
      encoding: 'latin1',
    });
    expect(`${status} ${stdout}${stderr}`).toMatch(/ng refs\/snapshots\/\S+ /);
    expect(server.refs()).toBe(before);
  });
});

describe('what is right passes', () => {
  test('snapshots, promotions, approvals, pruning, and the policy', async () => {
    await withServer(async (own, scene) => {
      const [ada, ben] = [scene.as('ada'), scene.as('ben')];
      const push = (...refspecs: string[]) => {
        const { code, stderr } = own.push(scene.repo.dir, [...SHARED, ...refspecs]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      };
      change(scene, 'third\n');
      const third = await ada.take('-m', 'third');
      await ada.ok('snapshot', 'promote', third.id, 'staging', '-m', 'next', '--yes');
      push();
      await ada.ok('snapshot', 'promote', third.id, 'production', '-m', 'next', '--yes');
      await ben.ok('snapshot', 'approve', 'production', '-m', 'well', '--yes');
      await ada.ok('snapshot', 'release', '--case', 'audit', '-m', 'over');
      push('--prune');
      expect(own.refs()).not.toContain('refs/holds/');
      await changePolicy(scene, (policy) => Object.assign(policy, { retention: { keepLast: 1 } }));
      push('--prune');
      await ada.ok('snapshot', 'prune', '--apply', '--yes');
      push('--prune');
      expect(own.refs()).toMatch(/refs\/trash\/artifacts\//);
      expect(own.git('rev-parse', POLICY)).toBe(scene.repo.git('rev-parse', POLICY));
      expect(fsck(own.dir)).toBe('');
    });
  });

  test('what git snapshot push sends', async () => {
    await withServer(async (own, scene) => {
      const ada = scene.as('ada');
      const push = () => gitIn(scene.repo.dir, ['snapshot', 'push', own.dir], { ...own.env, ...scene.env });
      change(scene, 'third\n');
      const third = await ada.take('-m', 'third');
      await ada.ok('snapshot', 'promote', third.id, 'staging', '-m', 'next', '--yes');
      await ada.ok('snapshot', 'release', '--case', 'audit', '-m', 'over');
      expect(push()).toMatchObject({ code: 0 });
      await forgeSnapshot(scene, { by: scene.people.dan });
      expect(push().code).toBe(6);
      expect(own.git('rev-parse', LOG)).toBe(scene.repo.git('rev-parse', `${LOG}~1`));
    });
  });

  test('a proposal comes, gains a signature, and goes once it is in force', async () => {
    await withServer(async (own, scene) => {
      await changePolicy(scene, (policy) => Object.assign(policy, { retention: { keepLast: 9 } }), {
        signers: ['ada'],
      });
      const [name = ''] = scene.repo
        .git('for-each-ref', '--format=%(refname)', 'refs/snapshot-policy/proposals')
        .split('\n');
      expect(own.push(scene.repo.dir, [name])).toMatchObject({ code: 0 });
      expect(own.push(scene.repo.dir, [`:${name}`]).stderr).toMatch(/would be deleted, and version 4 is not in force/);
      await changePolicy(scene, (policy) => Object.assign(policy, { retention: { keepLast: 9 } }));
      expect(own.push(scene.repo.dir, [...SHARED, `:${name}`])).toMatchObject({ code: 0 });
      expect(own.refs()).not.toContain('proposals');
    });
  });

  test('refs that are none of ours', () => {
    const { repo } = sceneIn(template.base, template);
    const commit = repo.git('commit-tree', '-m', 'ordinary', EMPTY_TREE);
    const refs = ['refs/heads/topic', 'refs/tags/v1', 'refs/notes/others'];
    expect(
      server.push(
        repo.dir,
        refs.map((ref) => `${commit}:${ref}`),
      ),
    ).toMatchObject({ code: 0 });
    expect(
      server.push(
        repo.dir,
        refs.map((ref) => `:${ref}`),
        [],
      ),
    ).toMatchObject({ code: 0 });
  });
});

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

describe('all or nothing', () => {
  test('a push that is not atomic changes nothing, even where all of it is right', async () => {
    await withServer(async (own, scene) => {
      change(scene, 'third\n');
      await scene.as('ada').take('-m', 'third');
      const before = own.refs();
      const { code, stderr } = own.push(scene.repo.dir, SHARED, []);
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/use "git snapshot push", or "git push --atomic"/);
      expect(own.refs()).toBe(before);
      expect(own.push(scene.repo.dir, SHARED).code).toBe(0);
    });
  });

  test('of two that push at once, one is first, and the other changes nothing', async () => {
    await withServer(async (own, scene) => {
      const rival = await sceneOf(template);
      for (const [i, one] of [scene, rival].entries()) {
        change(one, `third by ${i}\n`);
        await one.as('ada').take('-m', 'third');
      }
      const before = own.refs().split('\n').length;
      const pushes = [scene, rival].map(({ repo }) => own.pushMeanwhile(repo.dir, SHARED));
      const codes = (await Promise.all(pushes)).map(({ code }) => code === 0);
      expect(codes.toSorted()).toEqual([false, true]);
      expect(own.refs().split('\n')).toHaveLength(before + 1);
      expect(own.admin('snapshot', 'log', '--verify')).toMatchObject({ code: 0 });
    });
  });

  test('a push that is killed leaves all of it or nothing', async () => {
    await withServer(async (own, scene) => {
      for (const afterMs of [300, 700]) {
        change(scene, `after ${afterMs}\n`);
        await scene.as('ada').take('-m', 'next');
        const before = own.refs();
        const child = spawn('git', ['push', '-q', '--atomic', own.dir, ...SHARED], {
          cwd: scene.repo.dir,
          env: { ...process.env, ...own.env },
          stdio: 'ignore',
          detached: true,
        });
        const ended = once(child, 'exit');
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        await ended;
        const governed = (refs: string) => refs.split('\n').sort();
        const after = scene.repo.git('for-each-ref', '--format=%(refname) %(objectname)', ...ROOTS);
        expect([before, after].map(governed)).toContainEqual(governed(own.refs()));
      }
      spawnSync('find', [own.dir, '-name', '*.lock', '-delete']);
      expect(own.push(scene.repo.dir, SHARED).code).toBe(0);
    });
  });
});

const ROOTS = ['snapshots', 'promotions', 'approvals', 'holds', 'trash', 'snapshot-policy', 'notes', 'tags'].map(
  (name) => `refs/${name}`,
);

describe('the first push', () => {
  test('needs somebody who says what is trusted, and tells them how', async () => {
    const scene = await sceneOf(template);
    const own = await emptyServer(undefined);
    try {
      const installed = own.admin('snapshot', 'hooks', 'install', '--server');
      expect(installed).toMatchObject({ code: 0, stderr: expect.stringMatching(/^hint: Nobody has said here/m) });
      expect(installed.stderr).toContain('git snapshot hooks install --server --trust-root sha256:');
      const status = own.admin('snapshot', 'hooks', '--server');
      expect(status).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          'hint: Nobody has said here which policy is to be trusted: the first push will be refused, unless ',
        ),
      });
      const { code, stderr } = own.push(scene.repo.dir, SHARED);
      expect(code).toBe(1);
      expect(stderr).toMatch(/refused: trust: nobody has said on this server which policy is to be trusted/);
      const [, words = ''] = /types in the repository: git (snapshot hooks install .*sha256:\w{64})/.exec(stderr) ?? [];
      expect(words).toContain(template.trustRoot);
      expect(own.refs()).toBe('');
      expect(own.admin(...words.split(' ')).code).toBe(0);
      expect(own.admin('snapshot', 'hooks', '--server').code).toBe(0);
      expect(own.push(scene.repo.dir, SHARED).code).toBe(0);
      const other = own.admin('snapshot', 'hooks', 'install', '--server', '--trust-root', `sha256:${'0'.repeat(64)}`);
      expect(other).toMatchObject({ code: 6, stderr: expect.stringContaining('does not follow from sha256:0000') });
      expect(own.push(scene.repo.dir, SHARED).code).toBe(0);
    } finally {
      own.remove();
    }
  });

  test('may come to where somebody said the wrong thing first, once it was said right', async () => {
    const scene = await sceneOf(template);
    const wrong = `sha256:${'0'.repeat(64)}`;
    const own = await emptyServer(wrong);
    try {
      const { stderr } = own.push(scene.repo.dir, SHARED);
      expect(stderr).toContain(`${wrong} was said to be trusted on this server. If that was wrong, whoever runs`);
      const again = ['snapshot', 'hooks', 'install', '--server', '--trust-root', template.trustRoot];
      expect(own.admin(...again)).toMatchObject({ code: 0, stderr: expect.stringContaining(`${wrong} is no longer`) });
      expect(own.push(scene.repo.dir, SHARED)).toMatchObject({ code: 0 });
    } finally {
      own.remove();
    }
  });

  test('may have come before the hooks: a wrong trust root is not kept, and the right one is taken', async () => {
    const scene = await sceneOf(template);
    const own = await emptyServer(undefined);
    try {
      expect(own.admin('snapshot', 'hooks', 'uninstall').code).toBe(0);
      expect(own.push(scene.repo.dir, SHARED)).toMatchObject({ code: 0 });
      const install = (digest: string) => own.admin('snapshot', 'hooks', 'install', '--server', '--trust-root', digest);
      const refused = install(`sha256:${'0'.repeat(64)}`);
      expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('no hook was installed') });
      expect(own.admin('snapshot', 'hooks', '--server').code).toBe(1);
      expect(own.admin('snapshot', 'log', '--verify').stderr).toContain('you have not said that you trust');
      const installed = install(template.trustRoot).stderr;
      expect(installed).not.toContain('no longer');
      expect(installed).toContain(`trusted here: ${template.trustRoot}\n`);
      expect(own.admin('snapshot', 'log', '--verify').code).toBe(0);
      // Nor does what was refused once leave anything that is believed later.
      expect(install(`sha256:${'0'.repeat(64)}`).code).toBe(6);
      expect(own.admin('snapshot', 'log', '--verify').code).toBe(0);
    } finally {
      own.remove();
    }
  });

  test('of another repository is refused, whoever trusts that elsewhere', async () => {
    const scene = await sceneOf(template);
    const own = await emptyServer(`sha256:${'0'.repeat(64)}`);
    try {
      // Whoever runs the server trusts it as such.
      const pin = ['snapshot', 'trust', 'pin', template.trustRoot];
      expect(gitIn(scene.repo.dir, pin, own.env)).toMatchObject({ code: 0 });
      const { code, stderr } = own.push(scene.repo.dir, SHARED);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /refused: policy: the policy in 'refs\/snapshot-policy\/current' is not the one that you trust/,
      );
      expect(own.refs()).toBe('');
    } finally {
      own.remove();
    }
  });

  test('must bring the policy', async () => {
    const scene = await sceneOf(template);
    const own = await emptyServer(template.trustRoot);
    try {
      const { stderr } = own.push(scene.repo.dir, ['refs/snapshots/*:refs/snapshots/*']);
      expect(stderr).toMatch(/refused: policy: there is no policy here, and none is pushed/);
      expect(own.refs()).toBe('');
    } finally {
      own.remove();
    }
  });

  test('may be of a repository whose objects are named by SHA-256', async () => {
    const repo = await governedRepo({ git: ['--object-format=sha256'] });
    writeFileSync(join(repo.root, 'a'), 'one\n');
    const { ref } = await repo.take('-m', 'one');
    const { root } = await repo.json<{ root: { found: string } }>('snapshot', 'trust');
    const own = await emptyServer(root.found, ['--bare', '--object-format=sha256']);
    try {
      expect(own.push(repo.dir, SHARED)).toMatchObject({ code: 0 });
      expect(own.push(repo.dir, [`:${ref}`]).stderr).toMatch(/refused: ref: event 2 tells of/);
    } finally {
      own.remove();
    }
  });

  test('may go to a repository with a working tree', async () => {
    const own = await emptyServer(template.trustRoot, []);
    try {
      expect(own.push(join(template.base, 'repo'), SHARED)).toMatchObject({ code: 0 });
    } finally {
      own.remove();
    }
  });
});

describe('where something was wrong before', () => {
  test('nothing is built on it, and it can be mended', async () => {
    await withServer(async (own, scene) => {
      const { good, other } = scene;
      const force = { ...process.env, ...own.env, GIT_SNAPSHOT_WRITER: '1' };
      for (const { ref } of [good, other])
        expect(spawnSync('git', ['update-ref', '-d', ref], { cwd: own.dir, env: force }).status).toBe(0);
      change(scene, 'third\n');
      const third = await scene.as('ada').take('-m', 'third');
      const before = own.refs();
      const { code, stderr } = own.push(scene.repo.dir, [third.ref, 'refs/notes/snapshots']);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /refused: before: something is wrong here already, and nothing can be built on it \(2 findings\)/,
      );
      expect(own.refs()).toBe(before);
      // One by one, or with what is new.
      expect(own.push(scene.repo.dir, [good.ref])).toMatchObject({ code: 0 });
      expect(own.push(scene.repo.dir, SHARED)).toMatchObject({ code: 0 });
      expect(own.admin('snapshot', 'log', '--verify').code).toBe(0);
    });
  });

  test('git snapshot push ends a push of which only the log came', async () => {
    await withServer(async (own, scene) => {
      const before = own.git('for-each-ref', '--format=%(refname) %(objectname)');
      change(scene, 'third\n');
      await scene.as('ada').take('-m', 'third');
      await changePolicy(scene, (policy) => Object.assign(policy, { retention: { keepLast: 9 } }));
      const push = () => gitIn(scene.repo.dir, ['snapshot', 'push', own.dir], { ...own.env, ...scene.env });
      expect(push()).toMatchObject({ code: 0 });
      const after = own.refs();
      const force = { ...process.env, ...own.env, GIT_SNAPSHOT_WRITER: '1' };
      const was = new Map(before.split('\n').map((line) => line.split(' ') as [string, string]));
      const lost = after.split('\n').flatMap((line) => {
        const [name = '', oid] = line.split(' ');
        return name === LOG || was.get(name) === oid ? [] : [name];
      });
      expect(lost).toHaveLength(2);
      for (const name of lost) {
        const to = was.get(name);
        const args = to === undefined ? ['-d', name] : [name, to];
        expect(spawnSync('git', ['update-ref', ...args], { cwd: own.dir, env: force }).status).toBe(0);
      }
      const { code, stderr } = push();
      expect([code, stderr]).toEqual([0, expect.stringContaining(`warning: '${lost[0]}' is`)]);
      expect(own.refs()).toBe(after);
      expect(own.admin('snapshot', 'log', '--verify').code).toBe(0);
    });
  });

  test('a policy that is put there by hand is not followed', async () => {
    await withServer(async (own, scene) => {
      const { eve } = scene.people;
      const { commit } = await forgePolicy(scene, { change: () => undefined, signers: [eve] });
      spawnSync('git', ['fetch', '-q', scene.repo.dir, `+${commit}:${POLICY}`], {
        cwd: own.dir,
        env: { ...process.env, ...own.env, GIT_SNAPSHOT_WRITER: '1' },
      });
      const { code, stderr } = own.push(scene.repo.dir, [`${scene.other.tag}:refs/snapshots/models/${scene.other.id}`]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/refused: trust: the policy that is here already is not to be trusted/);
    });
  });
});

test('refs on a server are not changed by hand without their event', async () => {
  const before = server.refs();
  const { code, stderr } = server.admin('update-ref', '-d', before.split(' ')[0] ?? '');
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/refused: ref: event \d+ tells of/);
  expect(server.admin('pack-refs', '--all').code).toBe(0);
  expect(server.admin('gc', '-q').code).toBe(0);
  expect(server.refs()).toBe(before);
});
