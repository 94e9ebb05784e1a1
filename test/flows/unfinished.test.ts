import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GovernedRepo, governedRepo, look } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import { FIRST, person } from '../support/people.ts';
import { stoppedRollback } from '../support/stopped-rollback.ts';
import { tempDir } from '../support/temp-repo.ts';

const LOG = 'refs/notes/snapshots';
const usual = { set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false, confirm: undefined };

interface Scene {
  readonly repo: GovernedRepo;
  /** The snapshot that is to be put back. */
  readonly id: string;
  /** The directory before the rollback. */
  readonly before: readonly string[];
}

async function scene(init: readonly string[] = []): Promise<Scene> {
  const repo = await governedRepo({ init });
  mkdirSync(repo.root, { recursive: true });
  writeFileSync(join(repo.root, 'a'), 'old');
  const { id } = await repo.take('-m', 'old', ...(init.length > 0 ? ['--set', 'artifacts'] : []));
  writeFileSync(join(repo.root, 'a'), 'new');
  writeFileSync(join(repo.root, 'b'), 'new');
  return { repo, id, before: look(repo.root) };
}

/** As {@link scene}, with a rollback that stopped when its changes were in place, and of which the log does not tell. */
async function interrupted(init: readonly string[] = []): Promise<Scene> {
  const made = await scene(init);
  const { repo, id } = made;
  await stoppedRollback(repo, (app) => app.rollback({ ...usual, snapshot: `artifacts/${id}` }));
  expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('old');
  return made;
}

const isUnfinished = ({ dir }: GovernedRepo) => existsSync(join(dir, '.git/snapshot/replace/artifacts.journal'));

describe('--abort', () => {
  it('records that it took the rollback back', async () => {
    const { repo, before } = await interrupted();
    await repo.ok('rollback', '--abort');
    expect(look(repo.root)).toEqual(before);
    expect(await repo.json('snapshot', 'log', '-n', '1')).toMatchObject([{ event: { outcome: 'reverted' } }]);
  });

  it.each<[string, number, (repo: GovernedRepo) => Record<string, string>]>([
    [
      'the policy',
      3,
      (repo) => {
        repo.git('update-ref', '-d', 'refs/snapshot-policy/current');
        return {};
      },
    ],
    [
      'the log',
      6,
      (repo) => {
        repo.git('update-ref', '-d', LOG);
        return {};
      },
    ],
    ['the keys and the pin of the user', 6, () => ({ XDG_CONFIG_HOME: tempDir() })],
  ])('puts the directory back without %s, and says what it could not record', async (_, code, lose) => {
    const { repo, before } = await interrupted();
    const env = lose(repo);
    const { stderr } = await repo.expect(code, ['rollback', '--abort'], { env });
    expect(stderr).toContain('the directory is as it was, but this could not be recorded');
    expect(look(repo.root)).toEqual(before);
    expect(isUnfinished(repo)).toBe(false);
  });

  it('records it by what the log knows of snapshots whose refs are gone', async () => {
    const { repo, id, before } = await interrupted();
    for (const ref of repo.git('for-each-ref', '--format=%(refname)', 'refs/snapshots').split('\n'))
      repo.git('update-ref', '-d', ref);
    await repo.ok('rollback', '--abort');
    expect(look(repo.root)).toEqual(before);
    expect(await repo.json('snapshot', 'log', '-n', '1')).toMatchObject([
      { event: { outcome: 'reverted', to: { id } } },
    ]);
  });

  it('finds the set by itself', async () => {
    const { repo, before } = await interrupted(['--set', 'models=models', '--set', 'artifacts=artifacts']);
    await repo.expect(4, ['rollback', '--abort', '--set', 'models']);
    repo.git('update-ref', '-d', 'refs/snapshot-policy/current');
    await repo.expect(3, ['rollback', '--abort']);
    expect(look(repo.root)).toEqual(before);
  });
});

it('says that the rollback is unfinished where only its record is missing, and goes on with it', async () => {
  const { repo, id } = await scene();
  let log = '';
  const phase = (title: string) => () => {
    if (title !== 'Replacing files') return;
    log = repo.git('rev-parse', LOG);
    repo.git('update-ref', '-d', LOG);
  };
  await expect(withApp(repo, (app) => app.rollback({ ...usual, snapshot: id }), { phase })).rejects.toMatchObject({
    kind: 'untrusted',
    message: expect.stringMatching(/^the directory is put back, but this could not be recorded: /),
    hint: expect.stringMatching(/The rollback is unfinished until then: "git rollback --continue" records it/),
  });
  expect([readFileSync(join(repo.root, 'a'), 'utf8'), isUnfinished(repo)]).toEqual(['old', true]);
  repo.git('update-ref', LOG, log);
  await repo.ok('rollback', '--continue');
  expect(await repo.json('snapshot', 'log', '-n', '1')).toMatchObject([{ event: { outcome: 'applied' } }]);
});

describe('while a rollback is unfinished', () => {
  it('is what whoever asks for a snapshot that is not there is told', async () => {
    const { repo } = await interrupted();
    for (const wanted of [['--steps', '9'], ['20200101T000000Z-000000000000']]) {
      const { stderr } = await repo.expect(9, ['rollback', '--yes', ...wanted]);
      expect(stderr).toContain('hint: Run "git rollback --continue" to finish it');
    }
  });

  it('--continue puts nothing in place that cannot be trusted any more', async () => {
    const { repo, before } = await interrupted();
    const log = repo.git('rev-parse', LOG);
    repo.git('update-ref', LOG, repo.git('rev-list', '--max-parents=0', LOG));
    const { stderr } = await repo.expect(6, ['rollback', '--continue']);
    expect(stderr).toContain('the audit log is not to be believed');
    expect(stderr).not.toContain('is not to be trusted');
    expect(isUnfinished(repo)).toBe(true);
    repo.git('update-ref', LOG, log);
    await repo.ok('rollback', '--abort');
    expect(look(repo.root)).toEqual(before);
  });

  it('--continue says what is left to do of the rollback of an environment', async () => {
    const ada = await person(FIRST);
    await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
    await ada.write((policy) => Object.assign(policy, { environments: { production: {} } }));
    await ada.ok('snapshot', 'policy', 'apply', '--yes');
    const ids: string[] = [];
    for (const content of ['old', 'new']) {
      writeFileSync(join(ada.root, 'a'), content);
      ids.push((await ada.take('-m', content)).id);
      await ada.ok('snapshot', 'promote', ids.at(-1) ?? '', 'production', '-m', 'go', '--yes');
    }
    const env = { XDG_CONFIG_HOME: ada.home };
    await stoppedRollback(
      ada,
      (app) => app.promotion.rollback({ ...usual, snapshot: undefined, environment: 'production' }),
      env,
    );
    const { stderr } = await ada.expect(0, ['rollback', '--continue']);
    const [, words = ''] =
      /^warning: the directory is back, but production is not: run "git (.*)" to end that/m.exec(stderr) ?? [];
    expect(words).toBe(`rollback --env production ${ids[0]}`);
    await ada.ok(...words.split(' '), '--yes');
    expect(await ada.json('snapshot', 'log', '-n', '1')).toMatchObject([
      { event: { type: 'promotion', number: 3, action: 'rollback', snapshot: { id: ids[0] } } },
    ]);
    // Where it is so already, there is nothing to tell.
    writeFileSync(join(ada.root, 'a'), 'broken');
    await stoppedRollback(ada, (app) => app.rollback({ ...usual, snapshot: ids[0] }), env);
    expect((await ada.expect(0, ['rollback', '--continue'])).stderr).not.toContain('production');
  });

  it('--undo says so', async () => {
    const { repo } = await interrupted();
    await repo.expect(9, ['rollback', '--undo', '--yes']);
  });

  it('status says so, though the directory cannot be read', async () => {
    const { repo } = await interrupted();
    const tooLarge = join(repo.root, '.snapshotignore');
    writeFileSync(tooLarge, '#'.repeat((1 << 20) + 1));
    const { stdout, stderr } = await repo.expect(9, ['snapshot', 'status']);
    expect(stdout).toContain('is unfinished');
    expect(stderr).toContain("'.snapshotignore' is larger than");
    rmSync(tooLarge);
    await repo.ok('rollback', '--continue');
  });
});

it('takes everything back where what is there afterwards cannot be read', async () => {
  const { repo, id, before } = await scene();
  const tooLarge = join(repo.root, '.snapshotignore');
  const phase = (title: string) => () => {
    if (title === 'Replacing files') writeFileSync(tooLarge, '#'.repeat((1 << 20) + 1));
  };
  const rollback = withApp(repo, (app) => app.rollback({ ...usual, snapshot: id }), { phase });
  await expect(rollback).rejects.toThrow(/everything was taken back: '.snapshotignore' is larger than/);
  rmSync(tooLarge);
  expect(look(repo.root)).toEqual(before);
  expect(isUnfinished(repo)).toBe(false);
});

it('asks nobody who has no key to sign with', async () => {
  const { repo, id } = await scene();
  const { policy } = await repo.json<{ policy: { digest: string } }>('snapshot', 'show', id);
  const env = { XDG_CONFIG_HOME: tempDir(), GIT_SNAPSHOT_TRUST_ROOT: policy.digest };
  let asked = false;
  const confirm = async () => {
    asked = true;
  };
  const rollback = withApp(repo, (app) => app.rollback({ ...usual, snapshot: id, confirm }), { env });
  await expect(rollback).rejects.toThrow('private key');
  expect(asked).toBe(false);
});
