import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import { roomCheckup } from '../../../src/flows/doctor/check-sets.ts';
import { around, type GovernedRepo } from '../../support/governed-repo.ts';
import { FIRST, type Person, person } from '../../support/people.ts';
import { tempRepo } from '../../support/temp-repo.ts';

const DAY_MS = 86_400_000;

/** What is not as it should be, by what was looked at; and each with what to type. */
async function ailments(repo: GovernedRepo, code: number, env: Record<string, string> = {}) {
  const { stdout } = await repo.expect(code, ['snapshot', 'doctor', '--json'], { env });
  const { ok, checks } = DOCUMENTS.doctor.parse(JSON.parse(stdout));
  expect(ok).toBe(code === 0);
  for (const { verdict, hint } of checks) if (verdict === 'wrong') expect(hint).not.toBeNull();
  return Object.fromEntries(
    checks
      .filter(({ verdict }) => verdict !== 'ok')
      .map(({ check, verdict, detail }) => [check, `${verdict}: ${detail}`]),
  );
}

/** Every file of a directory with its content and times. */
function stateOf(dir: string): string {
  const script = 'find . -printf "%p %s %T@ %m\\n" | sort; find . -type f -print0 | sort -z | xargs -0 -r sha256sum';
  return execFileSync('sh', ['-c', script], { cwd: dir, encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** Somebody with one snapshot. */
async function withSnapshot(): Promise<Person> {
  const ada = await person(FIRST);
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  writeFileSync(join(ada.root, 'a'), 'one');
  await ada.take();
  return ada;
}

test.each([
  [6.5, 6.4, 'ok', '6 MiB free, the newest snapshot takes 6 MiB'],
  [6.4, 6.5, 'wrong', '6 MiB free, the newest snapshot takes 7 MiB: less than 1 MiB too little'],
  [5, 7.5, 'wrong', '5 MiB free, the newest snapshot takes 8 MiB: 3 MiB too little'],
  [9, 0.1, 'ok', '9 MiB free, the newest snapshot takes less than 1 MiB'],
])('of %d MiB for %d MiB no rounding hides whether they are enough', (free, needed, verdict, detail) => {
  const MIB = 1 << 20;
  expect(roomCheckup('models', { free: free * MIB, needed: needed * MIB })).toMatchObject({ verdict, detail });
});

test('a clone is looked over, and nothing of it changes', async () => {
  const ada = await withSnapshot();
  const fresh = await ailments(ada, 0);
  expect(fresh).toEqual({
    hooks: 'note: pre-push: absent, reference-transaction: absent',
    remote: 'note: this repository has no remote: snapshots are in this clone alone',
  });
  const before = stateOf(ada.dir);
  const { stdout } = await ada.expect(0, ['snapshot', 'doctor']);
  expect(stdout).toMatch(/^ok {5}key +openpgp:[0-9A-F]{40} of ada-example: root, /m);
  expect(stdout).toMatch(/^note {3}hooks .*\n +Run "git snapshot hooks install"\.$/m);
  expect(stdout).toMatch(/\n\d+ checks: all is well, 2 worth knowing\n$/);
  expect(await ada.ok('snapshot', 'doctor', '-q')).toBe('');
  expect(stateOf(ada.dir)).toBe(before);
});

test('a remote is known by what was seen there last', async () => {
  const ada = await withSnapshot();
  const server = tempRepo('--bare');
  ada.git('remote', 'add', 'origin', server.dir);
  expect((await ailments(ada, 0))['remote']).toBe("note: nothing is known of what 'origin' has");
  await ada.ok('snapshot', 'push');
  await ada.ok('snapshot', 'hooks', 'install');
  expect(await ailments(ada, 0)).toEqual({});
  writeFileSync(join(ada.root, 'a'), 'two');
  await ada.take();
  expect(await ailments(ada, 0)).toEqual({
    remote: expect.stringMatching(/^note: 'origin' lacked 2 of \d+ refs when it was last seen$/),
  });
});

test('what is wrong with files and settings is told, one after the other', async () => {
  const ada = await withSnapshot();
  ada.git('remote', 'add', 'origin', ada.dir);
  await ada.ok('snapshot', 'hooks', 'install');
  ada.git('config', '--add', 'remote.origin.fetch', '+refs/snapshots/*:refs/snapshots/*');
  expect(await ailments(ada, 1)).toMatchObject({
    refspecs: expect.stringContaining('remote.origin.fetch=+refs/snapshots/*'),
  });
  ada.git('config', '--unset-all', 'remote.origin.fetch');
  appendFileSync(join(ada.dir, '.git/hooks/pre-push'), '# mine\n');
  expect(await ailments(ada, 1)).toMatchObject({ hooks: expect.stringContaining('wrong: pre-push: changed') });
});

test('what is wrong with locks, caches and journals is told, one after the other', async () => {
  const ada = await withSnapshot();
  const lock = join(ada.dir, '.git/snapshot/artifacts.lock');
  writeFileSync(lock, 'garbage');
  expect(await ailments(ada, 1)).toMatchObject({ 'lock of artifacts': 'wrong: it cannot be read' });
  writeFileSync(lock, JSON.stringify({ nonce: 'a', pid: 1, host: 'elsewhere', boot: '', namespace: '', start: '' }));
  expect(await ailments(ada, 0)).toMatchObject({
    'lock of artifacts': expect.stringMatching(/^note: another process is at work on it \(pid \d+/),
  });
  rmSync(lock);
  appendFileSync(join(ada.dir, '.git/snapshot/cache/artifacts/state'), 'x');
  expect((await ailments(ada, 0))['stat cache of artifacts']).toMatch(/^note: it cannot be believed/);
  rmSync(join(ada.dir, '.git/snapshot/cache'), { recursive: true });
  expect((await ailments(ada, 0))['stat cache of artifacts']).toMatch(/^note: there is none yet/);
  const journal = join(ada.dir, '.git/snapshot/replace/artifacts.journal');
  mkdirSync(join(journal, '..'), { recursive: true });
  writeFileSync(journal, 'garbage');
  expect((await ailments(ada, 1))['rollback']).toMatch(/^wrong: /);
  rmSync(journal);
});

test('what is wrong with trust, time and log is told, one after the other', async () => {
  const ada = await withSnapshot();
  expect((await ailments(ada.at(Date.now() - DAY_MS), 1))['clock']).toMatch(
    /^wrong: event \d+ is (?:1 d|23 h 5\d min) in the future/,
  );
  const untrusted = await ailments(ada, 1, { GIT_SNAPSHOT_TRUST_ROOT: `sha256:${'0'.repeat(64)}` });
  expect(untrusted['policy']).toMatch(/^wrong: /);
  expect((await ailments(ada, 1, { XDG_CONFIG_HOME: join(ada.dir, 'none') }))['policy']).toMatch(/^wrong: /);

  await ada.write((policy) => {
    policy.expires = '2099-01-01T00:00:00Z';
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  expect((await ailments(ada.at(Date.parse('2098-12-20T00:00:00Z')), 0))['policy expiry']).toMatch(
    /^note: it runs out soon/,
  );
  expect((await ailments(ada.at(Date.parse('2099-01-02T00:00:00Z')), 1))['policy expiry']).toMatch(
    /^wrong: it ran out/,
  );
  ada.git('update-ref', '-d', ada.git('for-each-ref', '--format=%(refname)', '--count=1', 'refs/snapshots'));
  expect((await ailments(ada, 1))['log']).toMatch(/^wrong: .*gone/);
});

test('a server is looked over, and needs neither key nor directory', async () => {
  const ada = await withSnapshot();
  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  const bare = tempRepo('--bare');
  const { stdout: empty } = await around(bare).expect(1, ['snapshot', 'doctor']);
  expect(empty).toMatch(
    /^WRONG {2}policy .*has no snapshot policy\n +Push from a clone that has one: "git snapshot push"\.$/m,
  );
  ada.git('push', '-q', bare.dir, 'refs/*:refs/*');
  const server = around(bare, { GIT_SNAPSHOT_TRUST_ROOT: root.found, XDG_CONFIG_HOME: join(bare.dir, 'none') });
  expect(await ailments(server, 1)).toEqual({
    fsck: 'note: git does not check the objects that are pushed',
    hooks: 'wrong: pre-receive: absent, reference-transaction: absent',
    key: expect.stringMatching(/^note: .*this user can verify, and sign nothing$/),
  });
  await server.ok('snapshot', 'hooks', 'install');
  bare.git('config', 'transfer.fsckObjects', 'true');
  expect(Object.keys(await ailments(server, 0))).toEqual(['key']);
  for (const [name, value] of [
    ['receive.advertiseAtomic', 'false'],
    ['receive.denyDeletes', 'true'],
    ['transfer.hideRefs', 'refs/holds'],
  ] as const) {
    bare.git('config', name, value);
    expect((await ailments(server, 1))['receive']).toContain(`wrong: ${name.split('.')[0]}.`);
    bare.git('config', '--unset', name);
  }
  const { stdout } = await server.expect(0, ['snapshot', 'doctor']);
  expect(stdout).toContain('a bare repository');
  expect(stdout).toContain(`GIT_SNAPSHOT_TRUST_ROOT says ${root.found}; nothing is pinned\n`);
  expect(await ada.ok('snapshot', 'doctor')).toMatch(new RegExp(`^ok {5}trust +pinned to ${root.found}$`, 'm'));
});

test('a key that was here and is gone is a fault where somebody signs, and none where nobody ever did', async () => {
  const ada = await withSnapshot();
  const keys = join(ada.home, 'git-snapshot/keys');
  const [file = ''] = readdirSync(keys);
  rmSync(join(keys, file));
  const lost = expect.stringMatching(/^wrong: you have the private key of nobody .*nobody can take a snapshot or roll/);
  expect((await ailments(ada, 1))['key']).toEqual(lost);
  // Who signs with gpg or SSH has no such directory: the clone tells.
  rmSync(keys, { recursive: true });
  expect((await ailments(ada, 1))['key']).toEqual(lost);

  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  const verifier = around(tempRepo(), { GIT_SNAPSHOT_TRUST_ROOT: root.found, XDG_CONFIG_HOME: join(ada.dir, 'none') });
  verifier.git('remote', 'add', 'origin', ada.dir);
  await verifier.ok('snapshot', 'fetch');
  await verifier.ok('snapshot', 'verify', '--all');
  expect((await ailments(verifier, 0))['key']).toMatch(/^note: .*this user can verify, and sign nothing$/);
  // Nor is such a user told to take a snapshot.
  const { stdout } = await verifier.expect(0, ['snapshot', 'doctor']);
  expect(stdout).toMatch(/^note {3}stat cache of artifacts .*there is none yet/m);
  expect(stdout).not.toContain('Run "git snapshot", which');
});

test('a shallow clone is whole where policy and log are', async () => {
  const ada = await withSnapshot();
  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  for (const subject of ['one', 'two']) ada.git('commit', '-q', '--allow-empty', '-m', subject);
  const env = { GIT_SNAPSHOT_TRUST_ROOT: root.found, XDG_CONFIG_HOME: join(ada.dir, 'none') };
  const shallow = () => {
    const repo = tempRepo();
    repo.git('remote', 'add', 'origin', `file://${ada.dir}`);
    repo.git('fetch', '-q', '--depth=1', 'origin', 'HEAD:refs/heads/cut');
    return around(repo, env);
  };
  const good = shallow();
  await good.ok('snapshot', 'fetch');
  expect(await ailments(good, 0)).not.toHaveProperty('shallow');
  const cut = shallow();
  cut.git('fetch', '-q', '--depth=1', 'origin', 'refs/notes/snapshots:refs/notes/snapshots');
  expect((await ailments(cut, 1))['shallow']).toMatch(/^wrong: .*that of policy or log is, too$/);
});

test('what git takes for another object is told of', async () => {
  const repo = await withSnapshot();
  expect(await ailments(repo, 0)).not.toHaveProperty('replacements');
  const log = repo.git('rev-parse', 'refs/notes/snapshots');
  const tag = repo.git('for-each-ref', '--format=%(objectname)', 'refs/snapshots');
  repo.git('update-ref', `refs/replace/${log}`, tag);
  expect((await ailments(repo, 0))['replacements']).toBe(
    `note: git takes another object for ${log}; this program does not, and pushes can fail of it`,
  );
});

test('where one backup of several was imported, doctor counts what is missing as import does', async () => {
  const ada = await withSnapshot();
  for (const content of ['two', 'three']) {
    writeFileSync(join(ada.root, 'a'), content);
    await ada.take();
  }
  const file = join(ada.dir, 'last.bundle');
  await ada.ok('snapshot', 'export', '-o', file);
  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  const env = { GIT_SNAPSHOT_TRUST_ROOT: root.found, XDG_CONFIG_HOME: join(ada.dir, 'none') };
  const other = around(tempRepo(), env);
  const { stderr } = await other.expect(0, ['snapshot', 'import', file]);
  expect(stderr).toContain('The log tells of 2 more refs');
  expect((await ailments(other, 1))['log']).toMatch(/^wrong: 2 refs that the log tells of are not here: .* is gone/);
  expect((await other.expect(1, ['snapshot', 'doctor'])).stdout).toContain('git snapshot import FILE');
});
