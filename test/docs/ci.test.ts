import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { PROGRAMS } from '../../src/cli/commands/table.ts';
import { readFully } from '../../src/cli/parse/read-fully.ts';
import { removeTemplate, sceneIn, type Template } from '../attacks/support/scene.ts';
import { makeServedTemplate, SHARED } from '../hooks/server-scene.ts';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

/* The recipes of docs/ci.md and docs/operations.md: every command is one, and the jobs do in a real clone what they say. */

const DOCS = join(import.meta.dirname, '../../docs');

const Step = z.object({ run: z.string().optional(), name: z.string().optional() });
const GitHub = z.object({ jobs: z.record(z.string(), z.object({ steps: z.array(Step) })) });
const GitLabJob = z.object({
  extends: z.string().optional(),
  before_script: z.array(z.string()).optional(),
  script: z.array(z.string()).optional(),
});

interface Job {
  readonly page: string;
  readonly name: string;
  readonly scripts: readonly string[];
}

function jobsOf(page: string): Job[] {
  const text = readFileSync(join(DOCS, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(([, block = '']) => {
    const document: unknown = parse(block);
    const github = GitHub.safeParse(document);
    if (github.success) {
      return Object.entries(github.data.jobs).map(([name, { steps }]) => ({
        page,
        name,
        scripts: steps.flatMap(({ run }) => run ?? []),
      }));
    }
    return Object.entries(document as Record<string, unknown>).flatMap(([name, value]): Job[] => {
      const job = GitLabJob.safeParse(value);
      if (!job.success || job.data.script === undefined) return [];
      const { extends: base, before_script: before = [], script } = job.data;
      const shared = base === undefined ? undefined : (document as Record<string, unknown>)[base];
      return [{ page, name, scripts: [...(GitLabJob.parse(shared ?? {}).before_script ?? []), ...before, ...script] }];
    });
  });
}

/** The words of every `git snapshot` and `git rollback` of a script, as a shell would hand them on. */
function commandsOf(script: string): string[][] {
  const calls = [...script.matchAll(/\bgit (?:snapshot|rollback)\b(?:"[^"]*"|'[^']*'|\\\n|[^;|&>\n"'])*/g)];
  return calls.map(([call]) =>
    [...call.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
      word.replaceAll(/["']/g, '').replace(/^\$\(.*/, 'x'),
    ),
  );
}

const JOBS = [...jobsOf('ci.md'), ...jobsOf('operations.md')];

test.each(JOBS)('$page: every command of $name is one', async ({ scripts }) => {
  for (const [, program = '', ...words] of scripts.flatMap(commandsOf)) {
    const reading = await readFully(PROGRAMS[program === 'rollback' ? 'git-rollback' : 'git-snapshot'], words, 80);
    expect({ words, reading: reading.kind === 'wrong' ? reading.message : reading.kind }).toEqual({
      words,
      reading: 'run',
    });
  }
});

test('the pages have the jobs that are meant', () => {
  expect(jobsOf('ci.md').map(({ name }) => name)).toEqual([
    'verify',
    'snapshot',
    'verify-snapshots',
    'comment',
    'snapshot',
    'accept',
  ]);
  expect(jobsOf('operations.md').map(({ name }) => name)).toEqual(['plan', 'apply']);
  expect(jobsOf('ci.md').flatMap(({ scripts }) => scripts.flatMap(commandsOf)).length).toBeGreaterThan(20);
});

describe('in a clone of a runner', () => {
  let template: Template;
  beforeAll(async () => {
    template = await makeServedTemplate();
    const { repo } = sceneIn(template.base, template);
    repo.git('config', 'user.name', 'Ada');
    writeFileSync(join(repo.root, 'a'), 'last\n');
    // Git keeps no such permissions.
    chmodSync(join(repo.root, 'secret'), 0o644);
    await sceneIn(template.base, template).as('ada').take('-m', 'last');
    repo.git('add', 'artifacts');
    repo.git('commit', '-q', '-m', 'artifacts');
  });
  afterAll(() => removeTemplate(template));

  /** A server with all that the template has, and what a runner checks out of it. */
  async function runner(): Promise<{
    server: string;
    run(scripts: readonly string[]): string[];
    env: NodeJS.ProcessEnv;
    dir: string;
  }> {
    const server = tempRepo('--bare');
    const { repo } = sceneIn(template.base, template);
    repo.git('push', '-q', server.dir, 'main', ...SHARED);
    const [base, home, bin] = [tempDir(), tempDir(), tempDir()];
    const dir = join(base, 'clone');
    server.git('clone', '-q', '--depth=1', `file://${server.dir}`, dir);
    for (const tool of ['npm', 'gh', 'make'])
      writeFileSync(join(bin, tool), '#!/bin/sh\ntest "$1" != artifacts || echo built >artifacts/a\n', { mode: 0o755 });
    const env = {
      ...process.env,
      PATH: [bin, (await programs()).bin, process.env['PATH']].join(delimiter),
      HOME: home,
      XDG_CONFIG_HOME: '',
      GIT_SNAPSHOT_TRUST_ROOT: template.trustRoot,
      GITHUB_STEP_SUMMARY: join(base, 'summary.md'),
      GITHUB_REF_NAME: 'v1',
      GITHUB_OUTPUT: join(base, 'output'),
    };
    mkdirSync(home, { recursive: true });
    const run = (scripts: readonly string[]) =>
      scripts.flatMap((script) => {
        const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', script], { cwd: dir, env, encoding: 'utf8' });
        return status === 0 ? [] : [`${script}: ${status}\n${stdout}${stderr}`];
      });
    return { server: server.dir, run, env, dir };
  }

  const job = (name: string) => JOBS.find((one) => one.name === name)?.scripts ?? [];

  test.each(['verify', 'verify-snapshots'])('%s passes where all is well', async (name) => {
    const { run, dir } = await runner();
    expect(run(job(name))).toEqual([]);
    expect(readFileSync(join(dir, 'review.md'), 'utf8')).toBe('');
  });

  test('verify fails where something is not', async () => {
    const { run, server, dir } = await runner();
    const first = run(job('verify').slice(0, 2));
    expect(first).toEqual([]);
    writeFileSync(join(dir, 'artifacts/a'), 'changed on the way\n');
    expect(run(job('verify'))).toEqual([expect.stringMatching(/^git snapshot status: 1/)]);
    spawnSync('git', ['update-ref', '-d', template.good.ref], { cwd: server });
    const other = await runner();
    spawnSync('git', ['update-ref', '-d', template.good.ref], { cwd: other.server });
    expect(other.run(job('verify').slice(0, 2))).toEqual([expect.stringMatching(/^git snapshot fetch origin: 6/)]);
  });

  test('a release is taken, promoted and pushed with the key of the runner', async () => {
    const { run, env, server } = await runner();
    const { ada } = template.people;
    env['SNAPSHOT_KEY'] = ada.armoredPrivate;
    env['SNAPSHOT_KEY_ID'] = ada.publicKey.key.slice('openpgp:'.length);
    expect(run(job('snapshot'))).toEqual([]);
    const subjects = spawnSync('git', ['log', '-2', '--format=%s', 'refs/notes/snapshots'], {
      cwd: server,
      encoding: 'utf8',
    });
    expect(subjects.stdout).toMatch(/^promotion: .*staging.*\nsnapshot: /);
  });

  test('a review that waits is in the summary', async () => {
    const scene = sceneIn(template.base, template);
    for (const environment of ['staging', 'production'])
      await scene.as('ada').ok('snapshot', 'promote', 'latest', environment, '-m', 'next', '--yes');
    const { run, env } = await runner();
    expect(run(job('verify'))).toEqual([]);
    expect(readFileSync(env['GITHUB_STEP_SUMMARY'] ?? '', 'utf8')).toMatch(/production/);
  });

  test('a prune is planned without a key, and carried out as it was planned', async () => {
    const planned = await runner();
    expect(planned.run(job('plan'))).toEqual([]);
    expect(readFileSync(planned.env['GITHUB_STEP_SUMMARY'] ?? '', 'utf8')).toMatch(/^```\n.+\n```\n$/s);
    const [, digest] = /^digest=([^\n]+)\n$/.exec(readFileSync(planned.env['GITHUB_OUTPUT'] ?? '', 'utf8')) ?? [];
    const { run, env } = await runner();
    const { ada } = template.people;
    env['PRUNER_KEY'] = ada.armoredPrivate;
    env['PRUNER_KEY_ID'] = ada.publicKey.key.slice('openpgp:'.length);
    env['PLAN'] = `sha256:${'0'.repeat(64)}`;
    expect(run(job('apply'))).toEqual([expect.stringMatching(/^git snapshot prune [^:]*: 5/)]);
    env['PLAN'] = digest;
    expect(run(job('apply'))).toEqual([]);
  });
});
