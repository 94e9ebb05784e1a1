import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type GovernedRepo, governedRepo } from '../../support/governed-repo.ts';
import { withApp } from '../../support/open-app.ts';

// Programs write into the directory as fast as they can, while it is rolled back. Each notes, elsewhere, what it has written.

/** At most so many lines of a writer, so that no disk is filled. */
const LINES = 100_000;

// argv: how it writes, the directory that it writes into, and where it notes it. It is there until its input ends.
const WRITER = `
const fs = require('node:fs');
const [, how, root, notes] = process.argv;
const log = root + '/app.log';
const descriptor = how === 'descriptor' ? fs.openSync(log, 'a') : undefined;
const noted = fs.openSync(notes, 'a');
let done = false;
process.stdin.on('end', () => { done = true; }).resume();
let n = 0;
const WAYS = {
  descriptor: (line) => fs.writeSync(descriptor, line),
  path: (line) => fs.appendFileSync(log, line),
  // All that was there, and more, as who writes a new file and renames it.
  rename: (line) => {
    fs.writeFileSync(root + '/state.new', fs.readFileSync(root + '/state', 'utf8').slice(-20000) + line);
    fs.renameSync(root + '/state.new', root + '/state');
  },
  made: (line) => {
    fs.mkdirSync(root + '/made', { recursive: true });
    fs.writeFileSync(root + '/made/' + (n % 15), line, { flag: 'a' });
  },
};
const write = () => {
  const line = how + ' ' + n + '\\n';
  try {
    WAYS[how](line);
    fs.writeSync(noted, line);
    if (n++ === 20) process.stdout.write('.');
  } catch (error) {
    // Something was moved away for a moment.
    if (!['ENOENT', 'ENOTDIR'].includes(error.code)) throw error;
  }
  if (n < ${LINES} && !done) setImmediate(write);
};
write();
`;

interface Writer {
  readonly child: ChildProcess;
  readonly notes: string;
}

async function startWriter(repo: GovernedRepo, how: string): Promise<Writer> {
  const notes = join(repo.dir, `.git/noted-${how}`);
  const child = spawn(process.execPath, ['-e', WRITER, how, repo.root, notes], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return { child, notes };
}

/** @returns what it has written */
async function endWriter({ child, notes }: Writer): Promise<string[]> {
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
  expect(child.exitCode).toBe(0);
  return readFileSync(notes, 'utf8').split('\n').slice(0, -1);
}

type Layout = 'in-place' | 'releases';

/** A snapshot, and a directory that has changed since. */
async function scene(layout: Layout): Promise<{ repo: GovernedRepo; id: string }> {
  const repo = await governedRepo();
  if (layout === 'releases') {
    const policy = parse(await repo.ok('snapshot', 'policy', 'show', '--yaml'));
    policy.sets.artifacts.layout = 'releases';
    mkdirSync(join(repo.dir, '.snapshots'), { recursive: true });
    writeFileSync(join(repo.dir, '.snapshots/policy.yaml'), stringify(policy));
    await repo.ok('snapshot', 'policy', 'apply', '--yes');
  }
  writeFileSync(join(repo.root, 'app.log'), 'started\n');
  writeFileSync(join(repo.root, 'state'), '');
  writeFileSync(join(repo.root, 'model'), 'old');
  const { id } = await repo.take('-m', 'first');
  if (layout === 'releases') await repo.ok('snapshot', 'restore', 'current', '--yes');
  writeFileSync(join(repo.root, 'model'), 'new');
  return { repo, id };
}

interface Document {
  readonly outcome: string;
  readonly backup: string;
  readonly rescued: readonly { path: string; keptAs: string; programs: string[] }[];
  readonly changedAfter: { readonly paths: readonly { path: string }[]; readonly programs: readonly string[] };
  readonly appeared: readonly { path: string }[];
}

/** Every line that is in the directory, in the backup, or kept. */
function linesOf(repo: GovernedRepo, backup: string): Set<string> {
  const lines = new Set<string>();
  const add = (text: string) => {
    for (const line of text.split('\n')) lines.add(line);
  };
  for (const directory of [repo.root, join(repo.dir, '.git/snapshot/rescued')]) {
    if (!existsSync(directory)) continue;
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }))
      if (statSync(join(directory, name)).isFile()) add(readFileSync(join(directory, name), 'utf8'));
  }
  const ref = `refs/snapshots/artifacts/${backup}`;
  for (const path of repo.git('ls-tree', '-r', '--name-only', ref).split('\n')) add(repo.git('show', `${ref}:${path}`));
  return lines;
}

const BOTH = ['in-place', 'releases'] as const;
const nameOf = ({ child }: Writer) => `${readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim()} (${child.pid})`;

it.each(BOTH)('a program that has its log open is rolled back under its hands, %s', async (layout) => {
  const { repo, id } = await scene(layout);
  const writer = await startWriter(repo, 'descriptor');
  const { code, stdout, stderr } = await repo.run(['rollback', id, '--yes', '--json']);
  const name = nameOf(writer);
  expect(code, stderr).toBe(0);
  const { rescued, changedAfter, appeared, backup } = JSON.parse(stdout) as Document;
  expect(changedAfter.paths).toEqual([]);
  expect(appeared).toEqual([]);
  expect(rescued.map(({ path, programs }) => [path, programs])).toEqual([['app.log', [name]]]);
  expect(readFileSync(join(repo.root, 'app.log'), 'utf8')).toBe('started\n');
  expect(await repo.run(['snapshot', 'status'])).toMatchObject({ code: 0 });
  const written = await endWriter(writer);
  const kept = linesOf(repo, backup);
  expect(written.filter((line) => !kept.has(line))).toEqual([]);
  // It had time to write when the rollback was long over.
  expect(readFileSync(rescued[0]?.keptAs ?? '', 'utf8')).toContain(`${written.at(-1)}\n`);
});

it.each(BOTH.flatMap((layout) => ['path', 'rename', 'made'].map((how) => [how, layout] as const)))(
  'who writes by name (%s) goes on with what is put back, and loses nothing, %s',
  async (how, layout) => {
    const { repo, id } = await scene(layout);
    const writer = await startWriter(repo, how);
    const { code, stdout, stderr } = await repo.run(['rollback', id, '--yes', '--json']);
    const { outcome, changedAfter, backup } = JSON.parse(stdout) as Document;
    expect(outcome).toBe('applied');
    // It may have had no time to write.
    expect(code, stderr).toBe(changedAfter.paths.length === 0 ? 0 : 1);
    expect(readFileSync(join(repo.root, 'model'), 'utf8')).toBe('old');
    const written = await endWriter(writer);
    const kept = linesOf(repo, backup);
    // Who puts a new file in the place of one has taken its end from that.
    const ends = written.slice(how === 'rename' ? -1 : 0);
    expect(ends.filter((line) => !kept.has(line))).toEqual([]);
    // Once it has ended, nothing is in the way.
    await repo.ok('rollback', '--yes');
    expect(readFileSync(join(repo.root, 'app.log'), 'utf8')).toBe('started\n');
    expect(readFileSync(join(repo.root, 'state'), 'utf8')).toBe('');
  },
);

it('what a program changes once it is put back is told of, with the program, and left as it is', async () => {
  const { repo, id } = await scene('in-place');
  const open = spawn('sh', ['-c', 'exec 3>>"$0"; echo .; exec cat >&3', join(repo.root, 'app.log')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(open.stdout, 'data');
  const phase = (title: string) => (done: number, total: number) => {
    if (title !== 'Replacing files' || done < total) return;
    for (const path of ['model', 'app.log']) appendFileSync(join(repo.root, path), 'theirs');
    mkdirSync(join(repo.root, 'made'));
    writeFileSync(join(repo.root, 'made/new'), '');
  };
  const usual = { set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false, confirm: undefined };
  const result = await withApp(repo, (app) => app.rollback({ ...usual, snapshot: id }), { phase });
  open.stdin.end();
  await once(open, 'exit');
  expect(result).toMatchObject({
    outcome: 'applied',
    changedAfter: { paths: ['app.log', 'model'], programs: [expect.stringMatching(/^(sh|cat) \(\d+\)$/)] },
    appeared: ['made/new'],
  });
  expect(readFileSync(join(repo.root, 'model'), 'utf8')).toBe('oldtheirs');
  expect(await repo.json('snapshot', 'status')).toMatchObject({
    snapshot: { id },
    changes: [{ path: 'app.log' }, { path: 'made/new' }, { path: 'model' }],
  });
});

it('what is changed while somebody is asked is in the backup', async () => {
  const { repo, id } = await scene('in-place');
  const confirm = async () => appendFileSync(join(repo.root, 'model'), 'er');
  const usual = { set: undefined, steps: undefined, message: undefined, paths: [], dryRun: false };
  const { rescued, backup } = await withApp(repo, (app) => app.rollback({ ...usual, snapshot: id, confirm }));
  expect(rescued).toEqual([]);
  expect(repo.git('show', `refs/snapshots/artifacts/${backup}:model`)).toBe('newer');
  expect(readFileSync(join(repo.root, 'model'), 'utf8')).toBe('old');
});
