import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { App } from '../../../src/cli/app/app.ts';
import { createContext } from '../../../src/cli/wire/context.ts';
import { openApp } from '../../../src/cli/wire.ts';
import type { Context } from '../../../src/flows/context.ts';
import { openRepository } from '../../../src/git/open-repository.ts';
import { withApp } from '../../support/open-app.ts';
import { adaAndBen, type Person } from '../../support/people.ts';
import { type RunResult, runCli } from '../../support/run-cli.ts';

/** Files by name; of a name that is not UTF-8, as bytes. Undefined: not there. */
export type Files = ReadonlyMap<string | Buffer, string | Buffer | undefined>;

/** Environments and gates of a policy, as they are written. */
export interface Rules {
  readonly environments: Readonly<Record<string, unknown>>;
  readonly gates?: Readonly<Record<string, unknown>>;
}

export const ONE_APPROVAL: Rules = {
  environments: {
    staging: {},
    production: { approvals: { count: 1 }, gates: ['manifest'] },
  },
  gates: { manifest: { type: 'manifest' } },
};

/** Ada and Ben, with environments. */
export async function peopleWith(rules: Rules): Promise<{ ada: Person; ben: Person }> {
  const { ada, ben } = await adaAndBen({ threshold: 1 });
  await ada.write((policy) => Object.assign(policy, rules));
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  return { ada, ben };
}

/** Puts files into the directory. */
export function put({ root }: Person, files: Files): void {
  for (const [name, content] of files) {
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]);
    if (content === undefined) rmSync(path);
    else {
      mkdirSync(dirname(path.toString('latin1')), { recursive: true });
      writeFileSync(path, content);
    }
  }
}

const envOf = ({ keyFile }: Person) => ({ XDG_CONFIG_HOME: dirname(keyFile) });

/** Runs something as a person, in this process. */
const as = <T>(who: Person, act: (app: App) => Promise<T>): Promise<T> => withApp(who, act, { env: envOf(who) });

/** Promotes the newest snapshot. */
export async function promote(
  who: Person,
  environment: string,
  options: { breakGlass?: boolean; message?: string } = {},
) {
  const { breakGlass = false, message = 'For the release' } = options;
  return as(who, (app) =>
    app.promotion.promote({
      set: undefined,
      environment,
      snapshot: 'latest',
      message,
      dryRun: false,
      breakGlass,
      confirm: undefined,
    }),
  );
}

/** Says something of the promotion that waits, in a clone, and brings it back. */
export async function decide(
  { ada, ben }: { ada: Person; ben: Person },
  environment: string,
  decision: 'approve' | 'reject' | 'withdraw',
  message = 'I have looked at it',
) {
  const kinds = ['promotions', 'approvals', 'snapshots', 'snapshot-policy', 'notes'];
  const fetch = (to: Person, from: Person) =>
    to.git('fetch', '-q', '--prune', from.dir, ...kinds.map((kind) => `+refs/${kind}/*:refs/${kind}/*`));
  fetch(ben, ada);
  await as(ben, (app) =>
    app.promotion.decide({ set: undefined, environment, number: undefined, decision, message, confirm: undefined }),
  );
  fetch(ada, ben);
}

/** A context over a person's repository, for flows. */
export async function contextOf(who: Person, nowMs: () => number = Date.now): Promise<Context> {
  const sink = { write: () => true };
  const io = {
    cwd: who.dir,
    env: { ...process.env, ...envOf(who) },
    stdin: new PassThrough(),
    stdout: sink,
    stderr: sink,
    now: nowMs,
  };
  const refuse = async () => Promise.reject(new Error('nobody is there to ask'));
  const settings = {
    directory: who.dir,
    prompt: { available: false, confirm: refuse, passphrase: refuse },
    progress: { phase: () => () => undefined },
    note: () => undefined,
    advise: () => undefined,
  };
  return createContext(io, settings, await openRepository({ cwd: who.dir, env: io.env }));
}

/** Runs `git snapshot review` in this process. `columns`: on a terminal so wide. */
export async function runReview(
  who: Person,
  args: readonly string[] = [],
  options: { columns?: number } = {},
): Promise<RunResult> {
  return runCommand(who, ['review', ...args], options);
}

/** Runs any command of `git snapshot` in this process. */
export async function runCommand(
  who: Person,
  words: readonly string[],
  { columns }: { columns?: number } = {},
): Promise<RunResult> {
  return runCli([...words], {
    cwd: who.dir,
    openApp,
    env: { ...(process.env as Record<string, string>), NO_COLOR: '', ...envOf(who) },
    nowMs: Date.now,
    ...(columns === undefined ? {} : { columns }),
  });
}

/** The path of a file in a person's repository. */
export const inside = ({ dir }: Person, name: string) => join(dir, name);
