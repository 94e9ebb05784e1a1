import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FIRST, type Person, person } from '../../support/people.ts';
import { tempDir } from '../../support/temp-repo.ts';

/** What `push --json` and its like print. */
export interface ShareDocument {
  readonly remote: string;
  readonly dryRun: boolean;
  readonly relation: string;
  readonly ours: { readonly before: Numbers; readonly after: Numbers };
  readonly theirs: { readonly before: Numbers; readonly after: Numbers };
  readonly received: readonly Count[];
  readonly sent: readonly Count[];
  readonly signedAgain: readonly {
    readonly type: string;
    readonly seqBefore: number;
    readonly seqAfter: number;
    readonly was: string | null;
    readonly changed: boolean;
  }[];
  readonly leftOut: readonly { readonly type: string; readonly seq: number; readonly reason: string }[];
  readonly keptBelow: string | null;
}

interface Numbers {
  readonly seq: number;
  readonly policyVersion: number;
}

interface Count {
  readonly kind: string;
  readonly created: number;
  readonly moved: number;
  readonly deleted: number;
}

/** A bare repository that several people push to. */
export interface Server {
  readonly dir: string;
  git(...args: string[]): string;
  /** Its governed refs, `name oid` a line. */
  refs(): string;
}

const GOVERNED = [
  'refs/snapshots',
  'refs/promotions',
  'refs/approvals',
  'refs/holds',
  'refs/trash',
  'refs/snapshot-policy',
  'refs/notes/snapshots',
  'refs/tags/promotions',
];

/** The governed refs of a repository, `name oid` a line. */
export function governedRefs({ git }: Pick<Person, 'git'>): string {
  return git('for-each-ref', '--format=%(refname) %(objectname)', ...GOVERNED);
}

export function server(...init: string[]): Server {
  const dir = tempDir();
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).replace(/\n$/, '');
  git('init', '-q', '--bare', '-b', 'main', ...init);
  return { dir, git, refs: () => governedRefs({ git }) };
}

/** People with a clone each, of whom the first set the repository up, all with every role, and a server that has it. */
export async function people<Name extends string>(
  names: readonly Name[],
  { change = () => {} }: { change?: Parameters<Person['write']>[0] } = {},
): Promise<{ ada: Person; others: Record<Name, Person>; server: Server; root: string }> {
  const ada = await person(FIRST);
  const others = {} as Record<Name, Person>;
  const everyone = [FIRST, ...names];
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  const { root } = await ada.json<{ root: { found: string } }>('snapshot', 'trust');
  mkdirSync(join(ada.dir, '.snapshots/keys'), { recursive: true });
  for (const name of names) {
    others[name] = await person(name);
    execFileSync('cp', [others[name].keyFile, join(ada.dir, '.snapshots/keys/')]);
  }
  await ada.write((policy) => {
    for (const name of names) policy.people[name] = { name, keys: [others[name].key] };
    for (const role of ['snapshotter', 'promoter', 'approver', 'releaser', 'auditor', 'pruner', 'root'])
      policy.roles[role] = [...everyone];
    change(policy);
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  const remote = server();
  for (const one of [ada, ...Object.values<Person>(others)]) one.git('remote', 'add', 'origin', remote.dir);
  await ada.ok('snapshot', 'push');
  for (const one of Object.values<Person>(others)) await fetchFirst(one, root.found);
  return { ada, others, server: remote, root: root.found };
}

/** The first fetch of a clone, by somebody who was told whom to trust. */
export async function fetchFirst(one: Person, root: string): Promise<void> {
  await one.expect(0, ['snapshot', 'fetch'], { env: { GIT_SNAPSHOT_TRUST_ROOT: root } });
  await one.ok('snapshot', 'trust', 'pin', root);
}

/** Changes the directory and takes a snapshot of it. */
export async function take(one: Person, content: string) {
  writeFileSync(join(one.root, 'weights'), content);
  return one.take('--force', '-m', content);
}

export const share = (one: Person, verb: 'fetch' | 'push' | 'sync', ...args: string[]) =>
  one.ok('snapshot', verb, '--json', ...args).then((text) => JSON.parse(text) as ShareDocument);

/** Expects that all have what the server has, and that it is in order. */
export async function expectAgreement(remote: Server, clones: readonly Person[]): Promise<void> {
  const refs = remote.refs();
  for (const one of clones) {
    expect(governedRefs(one)).toBe(refs);
    await one.expect(0, ['snapshot', 'log', '--verify']);
  }
}
