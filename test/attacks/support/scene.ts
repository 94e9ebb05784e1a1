import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteString } from '../../../src/core/byte-string.ts';
import type { KeyId, PublicKey } from '../../../src/core/signing.ts';
import { saveKeyFile } from '../../../src/sign/key-file.ts';
import { generateSigningKey } from '../../../src/sign/openpgp/openpgp-key.ts';
import { parseKeyLine } from '../../../src/sign/ssh/ssh-public-key.ts';
import { signerAt } from '../../sign/keys.ts';
import { runTool } from '../../support/gnupg.ts';
import { around, type GovernedRepo, type SnapshotDocument } from '../../support/governed-repo.ts';
import { withApp } from '../../support/open-app.ts';
import { tempDir } from '../../support/temp-repo.ts';

/*
 * A repository under version 2 of a policy, with people who may do different things:
 *
 *   ada   root, snapshotter, releaser, auditor; has two keys, `ada` and `ada2`
 *   ben   root, snapshotter
 *   cy    root; snapshotter of the set 'models' alone
 *   dan   is in the policy, and may do nothing
 *   sue   snapshotter, with an SSH key
 *   eve   is not in the policy, and can push
 *
 * Two of ada, ben and cy change the policy. The log: policy 1, policy 2, snapshots `good` (by ada) and `other` (by ben).
 */

export const PEOPLE = ['ada', 'ada2', 'ben', 'cy', 'dan', 'eve'] as const;
export type PersonName = (typeof PEOPLE)[number];

/** Somebody with a key. */
export interface Person {
  readonly name: PersonName;
  readonly publicKey: PublicKey;
  readonly armoredPrivate: string;
  readonly sign: (payload: ByteString) => Promise<ByteString>;
}

export interface Scene {
  /** What `ada` sees and does. */
  readonly repo: GovernedRepo;
  /** Ada's variables, for what runs in this process. */
  readonly env: { readonly XDG_CONFIG_HOME: string };
  readonly people: Readonly<Record<PersonName, Person>>;
  /** The private SSH key of `sue`, and its public part. */
  readonly ssh: { readonly file: string; readonly publicKey: PublicKey };
  /** Digest of the first version of the policy. */
  readonly trustRoot: string;
  readonly good: SnapshotDocument;
  readonly other: SnapshotDocument;
  /** The same repository, for somebody else. */
  as(person: PersonName): GovernedRepo;
}

export interface Template extends Pick<Scene, 'people' | 'trustRoot' | 'good' | 'other'> {
  readonly base: string;
  readonly sshKey: PublicKey;
}

/** Makes the repository once, for many scenes to be copied from. The caller removes `base`. */
export async function makeTemplate(): Promise<Template> {
  const base = mkdtempSync(join(tmpdir(), 'git-snapshot-attacks-'));
  const people = await makePeople(base);
  const dir = join(base, 'repo');
  mkdirSync(dir);
  const repo = repoOf(base, 'ada', undefined);
  repo.git('init', '-q', '-b', 'main');
  await repo.ok(
    'snapshot',
    'init',
    '--yes',
    '--no-passphrase',
    '--set',
    'artifacts=artifacts',
    '--set',
    'models=models',
  );
  const { root } = await withApp(repo, (app) => app.trust.show(), { env: envOf(base, 'ada') });
  const trustRoot = root.found ?? '';
  const sshKey = makeSshKey(base);
  await secondPolicy({ base, people, trustRoot, sshKey });
  mkdirSync(repo.root);
  mkdirSync(join(dir, 'models'));
  writeFileSync(join(repo.root, 'a'), 'good\n');
  writeFileSync(join(repo.root, 'secret'), 'secret\n', { mode: 0o600 });
  mkdirSync(join(repo.root, 'sub'));
  writeFileSync(join(repo.root, 'sub/b'), 'below\n');
  const good = await repo.take('-m', 'good');
  writeFileSync(join(repo.root, 'a'), 'other\n');
  const other = await repoOf(base, 'ben', trustRoot).take('-m', 'other');
  writeFileSync(join(repo.root, 'a'), 'now\n');
  return { base, people, trustRoot, sshKey, good, other };
}

export function removeTemplate({ base }: Template): void {
  rmSync(base, { recursive: true, force: true, maxRetries: 3 });
}

/** A copy for one test. Ada has looked at it, so that her clone knows how far the log was. */
export async function sceneOf(template: Template): Promise<Scene> {
  const copy = tempDir('git-snapshot-attack-');
  cpSync(template.base, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  const scene = sceneIn(copy, template);
  await scene.repo.ok('snapshot', 'verify', '--all', '--quick');
  return scene;
}

/** The template itself, or a copy of it. */
export function sceneIn(base: string, { people, trustRoot, good, other, sshKey }: Omit<Template, 'base'>): Scene {
  return {
    repo: repoOf(base, 'ada', undefined),
    env: envOf(base, 'ada'),
    people,
    ssh: { file: join(base, 'ssh'), publicKey: sshKey },
    trustRoot,
    good,
    other,
    as: (person) => repoOf(base, person, trustRoot),
  };
}

function envOf(base: string, person: PersonName): { XDG_CONFIG_HOME: string } {
  return { XDG_CONFIG_HOME: join(base, 'people', person) };
}

function repoOf(base: string, person: PersonName, trustRoot: string | undefined): GovernedRepo {
  const dir = join(base, 'repo');
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(/\n$/, '');
  return around({ dir, git }, { ...envOf(base, person), GIT_SNAPSHOT_TRUST_ROOT: trustRoot });
}

async function makePeople(base: string): Promise<Scene['people']> {
  const atSec = Math.floor(Date.now() / 1000) - 60;
  const made: Partial<Record<PersonName, Person>> = {};
  for (const name of PEOPLE) {
    const { key, armoredPublic, armoredPrivate } = await generateSigningKey({
      name,
      email: `${name}@example.org`,
      atSec,
      passphrase: '',
    });
    const configDir = join(envOf(base, name).XDG_CONFIG_HOME, 'git-snapshot');
    mkdirSync(configDir, { recursive: true });
    await saveKeyFile(configDir, key, armoredPrivate);
    made[name] = {
      name,
      publicKey: { key, armored: armoredPublic },
      armoredPrivate,
      sign: async (payload) => (await signerAt(armoredPrivate, Math.floor(Date.now() / 1000))).sign(payload),
    };
  }
  return made as Scene['people'];
}

function makeSshKey(base: string): PublicKey {
  runTool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(base, 'ssh')]);
  const { publicKey } = parseKeyLine(readFileSync(join(base, 'ssh.pub'), 'latin1'));
  return { key: publicKey.key, armored: `${publicKey.type} ${publicKey.blob.toString('base64')}\n` };
}

/** Version 2: proposed by ada, in force with the signature of ben. */
async function secondPolicy({
  base,
  people,
  trustRoot,
  sshKey,
}: Pick<Template, 'base' | 'people' | 'trustRoot' | 'sshKey'>) {
  const source = join(base, 'policy');
  mkdirSync(join(source, 'keys'), { recursive: true });
  const listed = PEOPLE.filter((name) => name !== 'eve');
  for (const name of listed) writeFileSync(join(source, `keys/${name}.asc`), people[name].publicKey.armored);
  writeFileSync(join(source, 'keys/sue.pub'), sshKey.armored);
  const person = (name: string, ...keys: KeyId[]) => [name, { name, keys }];
  const policy = {
    version: 2,
    sets: { artifacts: { path: 'artifacts' }, models: { path: 'models', roles: { snapshotter: ['cy'] } } },
    people: Object.fromEntries([
      person('ada', people.ada.publicKey.key, people.ada2.publicKey.key),
      ...(['ben', 'cy', 'dan'] as const).map((name) => person(name, people[name].publicKey.key)),
      person('sue', sshKey.key),
    ]),
    roles: {
      root: { people: ['ada', 'ben', 'cy'], threshold: 2 },
      snapshotter: ['ada', 'ben', 'sue'],
      releaser: ['ada'],
      auditor: ['ada'],
    },
  };
  const file = join(source, 'policy.yaml');
  writeFileSync(file, JSON.stringify(policy));
  await withApp(repoOf(base, 'ada', undefined), (app) => app.policy.apply({ file, confirm: undefined }), {
    env: envOf(base, 'ada'),
  });
  const outcome = await withApp(
    repoOf(base, 'ben', trustRoot),
    (app) => app.policy.sign({ proposal: undefined, confirm: undefined }),
    { env: { ...envOf(base, 'ben'), GIT_SNAPSHOT_TRUST_ROOT: trustRoot } },
  );
  if (outcome.outcome !== 'in-force') throw new Error(`the policy is ${outcome.outcome}`);
}

/** How a program ended, of those that the attacker or the judge runs. Bytes, one a character. */
export function tryRun(
  program: string,
  args: readonly string[],
  { cwd, env = {}, input = '' }: { cwd: string; env?: NodeJS.ProcessEnv; input?: string },
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    input: Buffer.from(input, 'latin1'),
    maxBuffer: 1 << 26,
  });
  return { code: status, stdout: stdout.toString('latin1'), stderr: stderr.toString('latin1') };
}
