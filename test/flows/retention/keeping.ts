import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { fsck, type GovernedRepo, governedRepo, type SnapshotDocument } from '../../support/governed-repo.ts';

export const DAY = 86_400_000;

/** As `prune --json` prints it. */
export interface Plan {
  readonly digest: string;
  readonly keep: readonly { readonly id: string; readonly reasons: readonly string[] }[];
  readonly remove: readonly { readonly id: string; readonly reason: string }[];
  readonly drop: readonly string[];
  readonly freedBytes: number;
}

/** A repository whose policy says what is kept, and what time it is there. */
export interface Keeping {
  /** As it was set up: its clock stands there. */
  readonly repo: GovernedRepo;
  readonly startMs: number;
  /** Snapshots, one a day from the start on, oldest first. Each file has the number that the snapshot has. */
  readonly taken: readonly SnapshotDocument[];
  /** The repository so many days after the start. */
  day(days: number): GovernedRepo;
}

type Fields = Readonly<Record<string, unknown>>;

/** The policy that follows, with these fields changed, comes into force. */
export async function changePolicy(repo: GovernedRepo, fields: Fields): Promise<void> {
  const { policy } = await repo.json<{ policy: Fields & { version: number } }>('snapshot', 'policy', 'show');
  const { format: _, repository: _id, keys: _keys, ...written } = policy;
  mkdirSync(join(repo.dir, '.snapshots'), { recursive: true });
  const next = { ...written, version: policy.version + 1, ...fields };
  writeFileSync(join(repo.dir, '.snapshots/policy.yaml'), stringify(next));
  await repo.ok('snapshot', 'policy', 'apply', '--yes');
}

/** A repository with so many snapshots, under a policy with these fields. */
export async function keeping(
  count: number,
  policy: Fields = { retention: { keepLast: 2 } },
  { git = [] }: { git?: readonly string[] } = {},
): Promise<Keeping> {
  const repo = await governedRepo({ git });
  if (Object.keys(policy).length > 0) await changePolicy(repo, policy);
  const startMs = Math.floor(Date.now() / 1000) * 1000;
  const day = (days: number) => repo.at(startMs + days * DAY);
  const taken: SnapshotDocument[] = [];
  for (let n = 0; n < count; n++) taken.push(await takeNumber(day(n), n));
  return { repo: repo.at(startMs), startMs, taken, day };
}

/** Changes the directory and takes a snapshot of it: a file that all share, and one of its own. */
export async function takeNumber(repo: GovernedRepo, n: number, ...args: string[]): Promise<SnapshotDocument> {
  writeFileSync(join(repo.root, 'all'), 'the same\n');
  writeFileSync(join(repo.root, 'own'), `number ${n}\n`);
  return repo.take('-m', `number ${n}`, ...args);
}

/** Log and refs agree, tags and content are good, and git finds nothing wrong. */
export async function expectSound(repo: GovernedRepo, what = ''): Promise<void> {
  const verified = await repo.run(['snapshot', 'log', '--verify', '--json']);
  expect(JSON.parse(verified.stdout), what).toMatchObject({ ok: true, findings: [] });
  expect(await repo.json('snapshot', 'verify', '--all'), what).toMatchObject({ ok: true });
  expect(fsck(repo.dir), what).toBe('');
}

/** What `log --verify` finds, one line a finding. */
export async function findings(repo: GovernedRepo): Promise<string> {
  const { findings: found } = await repo.json<{ findings: { rule: string; detail: string }[] }>(
    'snapshot',
    'log',
    '--verify',
  );
  return found.map(({ rule, detail }) => `${rule}: ${detail}`).join('\n');
}

/** Names of refs with this prefix, without it. */
export function refsBelow(repo: GovernedRepo, prefix: string): string[] {
  const out = repo.git('for-each-ref', '--format=%(refname)', prefix);
  return out === '' ? [] : out.split('\n').map((name) => name.slice(prefix.length));
}

/** Ids that `list` shows, oldest first. */
export async function listed(repo: GovernedRepo): Promise<string[]> {
  return (await repo.json<{ id: string }[]>('snapshot', 'list')).map(({ id }) => id).sort();
}

/** Whether git has an object. */
export function has(repo: GovernedRepo, oid: string): boolean {
  return repo.git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n').includes(oid);
}

/** What `git gc` does when it is told to be thorough. */
export function collectGarbage(repo: GovernedRepo): void {
  repo.git('reflog', 'expire', '--expire=now', '--all');
  repo.git('gc', '-q', '--prune=now');
}
