import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import type { Machine } from '../../../src/core/doctor/port.ts';
import { checkPlaces } from '../../../src/flows/doctor/check-places.ts';
import { governedRepo } from '../../support/governed-repo.ts';
import { programs } from '../../support/programs.ts';
import { tempDir } from '../../support/temp-repo.ts';

/** Root may write everything: there, all is done as nobody. */
const nobody = process.getuid?.() === 0 ? 65_534 : undefined;

/** A repository with a snapshot, and a user whom permissions bind. */
async function ordinaryUser() {
  const repo = await governedRepo();
  mkdirSync(join(repo.root, 'deep/er'), { recursive: true });
  writeFileSync(join(repo.root, 'deep/er/file'), 'one');
  await repo.take('-m', 'first');
  const script = (await programs()).script('git-snapshot');
  const home = tempDir();
  const config = join(home, 'config');
  cpSync(process.env['XDG_CONFIG_HOME'] ?? '', config, { recursive: true });
  execFileSync('chmod', ['755', repo.dir, home, join(script, '../..')]);
  const as = nobody === undefined ? {} : { uid: nobody, gid: nobody };
  if (nobody !== undefined) execFileSync('chown', ['-R', `${nobody}:${nobody}`, repo.dir, home]);
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: config, GIT_CONFIG_GLOBAL: join(home, 'none') };
  /** What is wrong, by what was looked at, and what the shell makes of what the hint says to type. */
  const wrong = () => {
    const { stdout, stderr } = spawnSync(process.execPath, [script, '-C', repo.dir, 'doctor', '--json'], {
      env,
      encoding: 'utf8',
      ...as,
    });
    expect(stderr).toBe('');
    const { checks } = DOCUMENTS.doctor.parse(JSON.parse(stdout));
    return checks
      .filter(({ verdict }) => verdict === 'wrong')
      .map(({ check, detail, hint }) => [check, detail, hint ?? '']);
  };
  const type = (hint: string) => {
    const command = /(?:: |")(chmod .*?)(?:"|$)/.exec(hint)?.[1] ?? '';
    expect(spawnSync('sh', ['-c', command], { ...as, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  };
  return { ...repo, config: join(config, 'git-snapshot'), wrong, type };
}

test('what may not be written is named, with what to type', async () => {
  const { dir, root, config, wrong, type } = await ordinaryUser();
  expect(wrong()).toEqual([]);
  const inOneGo = [
    [
      ['writing refs', join(dir, '.git/refs/snapshots')],
      ['writing objects', join(dir, '.git/objects/pack')],
      ['writing records', join(dir, '.git/snapshot')],
      ['writing artifacts', root],
      ['user directory', join(config, 'trust')],
    ],
    [
      ['writing refs', join(dir, '.git')],
      ['writing artifacts', join(root, 'deep/er')],
    ],
  ] as const;
  for (const places of inOneGo) {
    for (const [, path] of places) {
      chmodSync(path, 0o500);
      onTestFinished(() => chmodSync(path, 0o700));
    }
    const found = wrong();
    const because = 'its mode does not let its owner do so';
    expect(found).toEqual(
      expect.arrayContaining(
        places.map(([check, path]) => [
          check,
          `nothing can be made in '${path}': ${because}`,
          `Run: chmod -R u+rwX '${path}'`,
        ]),
      ),
    );
    for (const [, , hint] of found) type(hint ?? '');
    expect(wrong()).toEqual([]);
  }
});

test('what belongs to another user is named, with how to get it', async () => {
  const { dir, root, wrong } = await ordinaryUser();
  // Only root can give a directory away.
  if (nobody === undefined) return;
  for (const [check, path] of [
    ['writing records', join(dir, '.git/snapshot')],
    ['writing artifacts', join(root, 'deep')],
  ]) {
    execFileSync('chown', ['0:0', path ?? '']);
    const hint = `If it is to be yours: sudo chown -R "$(id -un)" '${path}'`;
    expect(wrong()).toContainEqual([check, `nothing can be made in '${path}': another user owns it`, hint]);
    execFileSync('chown', [`${nobody}:${nobody}`, path ?? '']);
  }
  expect(wrong()).toEqual([]);
});

test('what others may read or change of keys and trust is named, with what to type', async () => {
  const { config, wrong, type } = await ordinaryUser();
  const [key = ''] = execFileSync('find', [join(config, 'keys'), '-type', 'f'], { encoding: 'utf8' }).split('\n');
  const [pin = ''] = execFileSync('find', [join(config, 'trust'), '-name', '*.json'], { encoding: 'utf8' }).split('\n');
  for (const [path, open, mode, may] of [
    [key, 0o640, '600', 'read'],
    [pin, 0o666, '600', 'change'],
    [dirname(pin), 0o770, '700', 'change'],
    [config, 0o777, '700', 'change'],
  ] as const) {
    chmodSync(path, open);
    const found = wrong().filter(([check]) => check === 'private files');
    const hint = `Run "chmod ${mode} '${path}'", and think about who may have used it.`;
    expect(found).toEqual([['private files', `others may ${may} '${path}'`, hint]]);
    type(hint);
    expect(wrong()).toEqual([]);
  }
});

describe('a machine of which', () => {
  const machine = (of: Partial<Machine>) =>
    ({
      closedDirectory: async () => undefined,
      openToOthers: async () => [],
      freeBytes: async () => 1 << 30,
      ...of,
    }) as unknown as Machine;
  const wrong = async (of: Partial<Machine>) =>
    (await checkPlaces(machine(of))).filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check);

  test('nothing is wrong', async () => expect(await wrong({})).toEqual([]));

  test('the disk is full', async () => {
    expect(await wrong({ freeBytes: async (place) => (place === 'records' ? 4096 : 1 << 30) })).toEqual([
      'room for records',
    ]);
    expect(await wrong({ freeBytes: async (place) => (place === 'user' ? 0 : 1 << 30) })).toEqual(['room for trust']);
  });

  test('the file system is read-only', async () => {
    const closedDirectory: Machine['closedDirectory'] = async () => ({ path: '/r', because: 'read-only file system' });
    expect(await wrong({ closedDirectory })).toEqual([
      'writing refs',
      'writing objects',
      'writing records',
      'user directory',
    ]);
  });
});
