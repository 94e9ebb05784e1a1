import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import type { App } from '../../../src/cli/app/app.ts';
import { SnapshotError } from '../../../src/core/errors.ts';
import type { SnapshotInfo } from '../../../src/core/snapshot/snapshot-info.ts';
import { saveKeyFile } from '../../../src/sign/key-file.ts';
import { generateSigningKey } from '../../../src/sign/openpgp/openpgp-key.ts';
import { withApp } from '../../support/open-app.ts';
import { tempDir, tempRepo } from '../../support/temp-repo.ts';

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Everything that is exchanged. Who says something else of a promotion moves their ref. */
const SHARED = [
  'refs/snapshots/*:refs/snapshots/*',
  'refs/promotions/*:refs/promotions/*',
  '+refs/approvals/*:refs/approvals/*',
  'refs/notes/snapshots:refs/notes/snapshots',
  'refs/snapshot-policy/*:refs/snapshot-policy/*',
];

type Names = 'ada' | 'ben' | 'cy' | 'cy2' | 'dan' | 'eve';

/** Somebody in a clone of their own, with one key. */
export interface Member {
  readonly dir: string;
  readonly root: string;
  readonly key: string;
  readonly env: NodeJS.ProcessEnv;
  git(...args: string[]): string;
  run<T>(act: (app: App) => Promise<T>): Promise<T>;
  /** Changes the directory and takes a snapshot of it. */
  take(content: string): Promise<SnapshotInfo>;
  promote(
    environment: string,
    snapshot: string,
    how?: { breakGlass?: boolean; dryRun?: boolean },
  ): ReturnType<App['promotion']['promote']>;
  say(
    decision: 'approve' | 'reject' | 'withdraw',
    environment: string,
    number?: number,
  ): ReturnType<App['promotion']['decide']>;
  rollBack(environment: string): ReturnType<App['promotion']['rollback']>;
  /** Id of what is live, or undefined. */
  live(environment: string): Promise<string | undefined>;
  /** What `log --verify` finds, one line a finding. */
  findings(): Promise<string>;
  /** Pushes without force: what git refuses is thrown. */
  push(): void;
  pull(): void;
}

export interface Team extends Record<Names, Member> {
  readonly server: string;
  /** The time that everybody has. */
  readonly clock: { pass(seconds: number): void; nowSec(): number };
  /** Ada brings the next version into force, and everybody has it. */
  change(change: (policy: WrittenPolicy) => void): Promise<void>;
  /** Everybody who has something new pushes in turn; then all have everything. */
  sync(from: Member): void;
}

interface WrittenPolicy {
  version: number;
  expires?: string;
  mirrorTags?: boolean;
  people: Record<string, { name: string; keys: string[] }>;
  roles: Record<string, unknown>;
  environments: Record<string, Record<string, unknown>>;
  revoked?: Record<string, { reason: string; since: number }>;
}

const message = 'because';
const all = ['ada', 'ben', 'cy', 'cy2', 'dan', 'eve'] as const;

/**
 * Five people, of whom cy has two keys on two machines, and a server between them. Ada changes the policy and goes back; ada
 * and ben take snapshots and promote; ben, cy, dan and ada approve; eve may do nothing.
 *
 * `staging` asks for nothing, `production` takes from it and asks for two approvals, but for what is given.
 */
export async function team(production: Record<string, unknown> = {}): Promise<Team> {
  const startMs = Date.now();
  let passedSec = 0;
  const now = () => startMs + passedSec * 1000;
  const server = tempDir();
  execFileSync('git', ['init', '-q', '--bare', server]);
  const trust: { root?: string } = {};
  const members = {} as Record<Names, Member>;
  for (const name of all) members[name] = await member(name, { server, now, trust });
  const { ada } = members;
  const policy: WrittenPolicy = {
    version: 1,
    people: Object.fromEntries(
      all
        .filter((name) => name !== 'cy2')
        .map((name) => [name, { name, keys: name === 'cy' ? [members.cy.key, members.cy2.key] : [members[name].key] }]),
    ),
    roles: {
      root: ['ada'],
      snapshotter: ['ada', 'ben'],
      promoter: ['ada', 'ben'],
      approver: ['ada', 'ben', 'cy', 'dan'],
      releaser: ['ada'],
      auditor: ['ada'],
    },
    environments: {
      staging: {},
      production: { from: 'staging', approvals: { count: 2 }, ...production },
    },
  };
  const sync = (from: Member) => {
    from.push();
    for (const name of all) if (members[name] !== from) members[name].pull();
  };
  const change: Team['change'] = async (edit) => {
    policy.version += 1;
    edit(policy);
    const file = join(ada.dir, '.snapshots/policy.yaml');
    writeFileSync(file, stringify({ sets: { artifacts: { path: 'artifacts' } }, ...policy }));
    const outcome = await ada.run((app) => app.policy.apply({ file, confirm: undefined }));
    expect(outcome.outcome).toBe('in-force');
    sync(ada);
  };
  mkdirSync(join(ada.dir, '.snapshots/keys'), { recursive: true });
  for (const name of all)
    writeFileSync(join(ada.dir, `.snapshots/keys/${name}.asc`), publicKeys.get(members[name]) ?? '');
  const key = ada.key.slice('openpgp:'.length);
  await ada.run((app) => app.init({ sets: [], key, passphrase: false }));
  trust.root = (await ada.run((app) => app.trust.show())).root.found ?? '';
  await change(() => {});
  const pass = (seconds: number) => {
    passedSec += seconds;
  };
  const clock = { pass, nowSec: () => Math.floor(now() / 1000) };
  return { ...members, server, clock, change, sync };
}

const publicKeys = new WeakMap<Member, string>();

interface Surroundings {
  readonly server: string;
  readonly now: () => number;
  readonly trust: { root?: string };
}

async function member(name: Names, { server, now, trust }: Surroundings): Promise<Member> {
  const home = tempDir();
  const atSec = Math.floor(now() / 1000) - DAY;
  const made = await generateSigningKey({ name, email: `${name}@example.org`, atSec });
  await saveKeyFile(join(home, 'git-snapshot'), made.key, made.armoredPrivate);
  const { dir, git } = tempRepo();
  const root = join(dir, 'artifacts');
  mkdirSync(root);
  const env = () => ({
    XDG_CONFIG_HOME: home,
    ...(trust.root === undefined ? {} : { GIT_SNAPSHOT_TRUST_ROOT: trust.root }),
  });
  const run: Member['run'] = (act) => withApp({ dir }, act, { env: env(), now });
  const set = undefined;
  const confirm = undefined;
  const self: Member = {
    dir,
    root,
    key: made.key,
    get env() {
      return env();
    },
    git,
    run,
    take: async (content) => {
      writeFileSync(join(root, 'weights'), content);
      const taken = await run((app) => app.create({ set, message: content, labels: [], force: true, dryRun: false }));
      if (taken.outcome !== 'created' || taken.snapshot === undefined) throw new Error('nothing was taken');
      return taken.snapshot;
    },
    promote: (environment, snapshot, { breakGlass = false, dryRun = false } = {}) =>
      run((app) => app.promotion.promote({ set, environment, snapshot, message, dryRun, breakGlass, confirm })),
    say: (decision, environment, number) =>
      run((app) => app.promotion.decide({ set, environment, number, decision, message, confirm })),
    rollBack: (environment) =>
      run((app) =>
        app.promotion.rollback({
          set,
          environment,
          snapshot: undefined,
          steps: undefined,
          message,
          dryRun: false,
          confirm,
        }),
      ),
    live: async (environment) => {
      const found = await run((app) => app.promotion.environments({ set }));
      return found.find((one) => one.environment === environment)?.live?.snapshot;
    },
    findings: async () => {
      const { findings } = await run((app) => app.verifyLog());
      return findings.map(({ rule, detail }) => `${rule}: ${detail}`).join('\n');
    },
    push: () => git('push', '-q', '--atomic', server, ...SHARED),
    pull: () => git('fetch', '-q', server, ...SHARED),
  };
  publicKeys.set(self, made.armoredPublic);
  return self;
}

/** A snapshot by ben that is live in staging and that ada put up for production, as everybody has it. */
export async function waiting(people: Team, content = 'one'): Promise<SnapshotInfo> {
  const { ben, ada, sync } = people;
  const snapshot = await ben.take(content);
  await ben.promote('staging', snapshot.id);
  sync(ben);
  await ada.promote('production', snapshot.id);
  sync(ada);
  return snapshot;
}

/** Expects that this is refused, in these words. */
export async function expectRefused(work: Promise<unknown>, kind: SnapshotError['kind'], says: RegExp): Promise<void> {
  const error: unknown = await work.then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SnapshotError)) throw error;
  expect(`${error.kind}: ${error.message}`).toMatch(says);
  expect(error.kind).toBe(kind);
}
