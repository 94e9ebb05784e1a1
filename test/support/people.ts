import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { saveKeyFile } from '../../src/sign/key-file.ts';
import { generateSigningKey } from '../../src/sign/openpgp/openpgp-key.ts';
import { around, type GovernedRepo } from './governed-repo.ts';
import { tempDir, tempRepo } from './temp-repo.ts';

/** Somebody at a machine of their own: a clone, a key, and what they trust. */
export interface Person extends GovernedRepo {
  /** The person, as policies name them. */
  readonly name: string;
  /** Key id. */
  readonly key: string;
  /** Absolute path of the key's public part. */
  readonly keyFile: string;
  /** Directory of what this user has besides repositories, as `XDG_CONFIG_HOME` names it. */
  readonly home: string;
  /** Takes the refs that are exchanged as the other has them, whatever they were here. */
  pull(other: GovernedRepo): void;
  /** Writes `.snapshots/policy.yaml`: the version that would follow, changed. */
  write(change: (policy: WrittenPolicy) => void): Promise<void>;
}

/** A policy as it is written, as far as tests change it. */
export interface WrittenPolicy {
  version: number;
  expires?: string;
  sets: Record<string, { path: string; exclude?: string[]; roles?: Record<string, Holders> }>;
  people: Record<string, { name: string; keys: string[] }>;
  roles: Record<string, Holders>;
  revoked?: Record<string, { reason: string; since: number }>;
  retention?: Record<string, unknown>;
  holds?: { releaseBy: 'anyone' | 'another' };
}

type Holders = string[] | { people: string[]; threshold?: number };

/** Whom git says everybody is, and so whom the first policy names. */
export const FIRST = 'ada-example';

/** A person with a key without a passphrase, in an empty repository that knows of no policy. */
export async function person(name: string): Promise<Person> {
  const home = tempDir();
  const made = await generateSigningKey({ name, email: `${name}@example.org`, atSec: Math.floor(Date.now() / 1000) });
  await saveKeyFile(join(home, 'git-snapshot'), made.key, made.armoredPrivate);
  const keyFile = join(home, `${name}.asc`);
  writeFileSync(keyFile, made.armoredPublic);
  const { dir, git } = tempRepo();
  const repo = around({ dir, git }, { XDG_CONFIG_HOME: home });
  mkdirSync(repo.root);
  return {
    ...repo,
    name,
    key: made.key,
    keyFile,
    home,
    pull: (other) => {
      const kinds = ['snapshot-policy/*', 'notes/snapshots', 'snapshots/*', 'promotions/*', 'approvals/*'];
      kinds.push('trash/*', 'holds/*');
      git('fetch', '-q', '--prune', other.dir, ...kinds.map((kind) => `+refs/${kind}:refs/${kind}`));
    },
    write: (change) => writePolicy(repo, change),
  };
}

/** Writes `.snapshots/policy.yaml` of a repository: the version that would follow, changed. */
export async function writePolicy(repo: GovernedRepo, change: (policy: WrittenPolicy) => void): Promise<void> {
  const { policy } = await repo.json<{ policy: WrittenPolicy & Record<string, unknown> }>('snapshot', 'policy', 'show');
  const { format: _, repository: _id, keys: _keys, ...written } = policy;
  const next: WrittenPolicy = { ...written, version: policy.version + 1 };
  change(next);
  mkdirSync(join(repo.dir, '.snapshots'), { recursive: true });
  writeFileSync(join(repo.dir, '.snapshots/policy.yaml'), stringify(next));
}

/** Ada, who sets the repository up, and Ben, who has every role that she has; each may change the policy alone or both must. */
export async function adaAndBen({
  threshold,
}: {
  threshold: 1 | 2;
}): Promise<{ ada: Person; ben: Person; root: string }> {
  const [ada, ben] = [await person(FIRST), await person('ben')];
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  await ada.ok('snapshot', 'key', 'add', ben.keyFile, '--person', 'ben', '--name', 'Ben Example', '--yes');
  await ada.write((policy) => {
    for (const role of Object.keys(policy.roles)) policy.roles[role] = [FIRST, 'ben'];
    policy.roles['root'] = { people: [FIRST, 'ben'], threshold };
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q').catch((error: unknown) => {
    if (threshold === 1) throw error;
  });
  ben.pull(ada);
  await ben.ok('snapshot', 'trust', 'pin', root.found);
  if (threshold === 2) {
    await ben.ok('snapshot', 'policy', 'sign', '--yes');
    ada.pull(ben);
  }
  return { ada, ben, root: root.found };
}
