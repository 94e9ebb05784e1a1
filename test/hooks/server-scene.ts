import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stringify } from 'yaml';
import { makeTemplate, type PersonName, type Scene, sceneIn, type Template } from '../attacks/support/scene.ts';
import { existing } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import { programs } from '../support/programs.ts';
import { type Ended, gitIn } from './hooked-repo.ts';

/** Everything that travels. */
export const SHARED = [
  'snapshots/*',
  'promotions/*',
  'approvals/*',
  'holds/*',
  'trash/*',
  'snapshot-policy/*',
  'notes/snapshots*',
  'tags/promotions/*',
].map((name) => `refs/${name}:refs/${name}`);

/** A repository that others push to, with the hooks of a server. */
export interface Server {
  readonly dir: string;
  readonly git: (...args: string[]) => string;
  /** All refs, one a line. */
  refs(): string;
  /** Pushes from there, as somebody with push access and no hooks of their own. */
  push(from: string, refspecs: readonly string[], flags?: readonly string[]): Ended;
  /** The same, while others push. With `--atomic --no-verify`. */
  pushMeanwhile(from: string, refspecs: readonly string[]): Promise<Pick<Ended, 'code' | 'stderr'>>;
  /** Runs a program of ours as whoever runs the server. */
  admin(...words: string[]): Ended;
  /** The variables of whoever runs the server, with the programs on the PATH. */
  readonly env: Record<string, string>;
  remove(): void;
}

/** A repository with the hooks of a server, and with nothing in it. @param trustRoot - what its owner trusts */
export async function emptyServer(
  trustRoot: string | undefined,
  init: readonly string[] = ['--bare'],
): Promise<Server> {
  const base = mkdtempSync(join(tmpdir(), 'git-snapshot-server-'));
  const [dir, home] = [join(base, 'server'), join(base, 'home')];
  mkdirSync(dir);
  const env = { XDG_CONFIG_HOME: home, PATH: `${(await programs()).bin}${delimiter}${process.env['PATH'] ?? ''}` };
  const { git } = existing(dir);
  git('init', '-q', '-b', 'main', ...init);
  const trust = trustRoot === undefined ? [] : ['--trust-root', trustRoot];
  const server = serverIn(base, env);
  const { code, stderr } = server.admin('snapshot', 'hooks', 'install', '--server', ...trust);
  if (code !== 0) throw new Error(stderr);
  return server;
}

/** A copy of a server. What is trusted in a place is not so in another, so its environment says it. */
export function copyOf(server: Server, trustRoot: string): Server {
  const base = mkdtempSync(join(tmpdir(), 'git-snapshot-server-'));
  cpSync(join(server.dir, '..'), base, { recursive: true, preserveTimestamps: true });
  const env = { ...server.env, XDG_CONFIG_HOME: join(base, 'home'), GIT_SNAPSHOT_TRUST_ROOT: trustRoot };
  return serverIn(base, env);
}

function serverIn(base: string, env: Record<string, string>): Server {
  const dir = join(base, 'server');
  const { git } = existing(dir);
  return {
    dir,
    env,
    git,
    admin: (...words) => gitIn(dir, words, env),
    refs: () => git('for-each-ref', '--format=%(refname) %(objectname)'),
    push: (from, refspecs, flags = ['--atomic']) => gitIn(from, ['push', '-q', ...flags, dir, ...refspecs], env),
    pushMeanwhile: (from, refspecs) =>
      new Promise((resolve, reject) => {
        const child = spawn('git', ['push', '-q', '--atomic', '--no-verify', dir, ...refspecs], {
          cwd: from,
          env: { ...process.env, ...env },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
          stderr += chunk;
        });
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, stderr }));
      }),
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/**
 * The template of the attacks under version 3 of its policy: `good` is live in staging and production, approved by ben, with
 * tags that mirror its promotions, and held for the case `audit`.
 */
export async function makeServedTemplate(): Promise<Template> {
  const template = await makeTemplate();
  const scene = sceneIn(template.base, template);
  await changePolicy(scene, (policy) => {
    Object.assign(policy.roles, {
      promoter: ['ada'],
      approver: ['ben'],
      pruner: { people: ['ada', 'ben'], threshold: 2 },
    });
    Object.assign(policy, {
      environments: { staging: {}, production: { from: 'staging', approvals: { count: 1 } } },
      mirrorTags: true,
    });
  });
  const [ada, ben] = [scene.as('ada'), scene.as('ben')];
  await ada.ok('snapshot', 'promote', scene.good.id, 'staging', '-m', 'try it', '--yes');
  await ada.ok('snapshot', 'promote', scene.good.id, 'production', '-m', 'ship it', '--yes');
  await ben.ok('snapshot', 'approve', 'production', '-m', 'well', '--yes');
  await ada.ok('snapshot', 'hold', scene.good.id, '--case', 'audit', '-m', 'asked for');
  return template;
}

/** The next version, proposed by ada and, unless it stays a proposal, signed by ben. */
export async function changePolicy(
  scene: Scene,
  change: (policy: { version: number; roles: Record<string, unknown> }) => void,
  { signers = ['ada', 'ben'] }: { signers?: readonly PersonName[] } = {},
): Promise<void> {
  const { policy } = await scene
    .as('ada')
    .json<{ policy: Record<string, unknown> & { version: number } }>('snapshot', 'policy', 'show');
  const { format: _, repository: _id, keys: _keys, schemas: _schemas, ...written } = policy;
  const next = { ...written, version: policy.version + 1, roles: { ...(written['roles'] as object) } };
  change(next);
  const file = join(scene.repo.dir, '..', 'next-policy.yaml');
  writeFileSync(file, stringify(next));
  const [first = 'ada', second] = signers;
  await withApp(scene.repo, (app) => app.policy.apply({ file, confirm: undefined }), asPerson(scene, first));
  if (second === undefined) return;
  const sign = { proposal: undefined, confirm: undefined };
  const { outcome } = await withApp(scene.repo, (app) => app.policy.sign(sign), asPerson(scene, second));
  if (outcome !== 'in-force') throw new Error(`the policy is ${outcome}`);
}

function asPerson({ env, trustRoot }: Scene, person: PersonName): { env: NodeJS.ProcessEnv } {
  return { env: { XDG_CONFIG_HOME: join(env.XDG_CONFIG_HOME, '..', person), GIT_SNAPSHOT_TRUST_ROOT: trustRoot } };
}
