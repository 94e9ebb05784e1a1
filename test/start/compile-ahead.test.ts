import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { THIS_NODE } from '../../src/start/scripts.ts';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

let dist: string;
let script: string;

beforeAll(async () => {
  script = (await programs()).script('git-snapshot');
  dist = join(dirname(script), '../dist');
});

const compiled = (name = '') => join(dist, 'compiled', THIS_NODE, name);

/** The scripts of which a command takes compiled code, and what it prints. */
function run(cwd: string, ...args: string[]): { readonly taken: string[]; readonly printed: string } {
  const program = `
    const { start, builtScripts } = require(${JSON.stringify(join(dist, 'start/start.cjs'))});
    const scripts = builtScripts();
    process.on('exit', () => console.error(JSON.stringify(scripts.taken)));
    start('git-snapshot', process, scripts);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, '--', 'git-snapshot', ...args], {
    cwd,
    encoding: 'utf8',
  });
  return { taken: JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as string[], printed: stdout };
}

/** Gives what it says. */
function compileAhead(variables: NodeJS.ProcessEnv = {}): string {
  const env = { ...process.env, ...variables };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'start/compile-ahead.cjs')], {
    encoding: 'utf8',
    env,
  });
  expect(status).toBe(0);
  return stdout + stderr;
}

test('the build compiles what the commands of every day load, and nothing if nothing is new', () => {
  rmSync(compiled(), { recursive: true, force: true });
  const { dir } = tempRepo();
  expect(run(dir, 'list').taken).toEqual([]);
  const { printed } = run(dir, '--help');

  expect(compileAhead()).toBe('');
  const names = readdirSync(compiled());
  expect(names).toContain('base.cjs');
  expect(names.map((name) => name.replace(/-[\w-]{8}\.cjs$/, ''))).toEqual(
    expect.arrayContaining(['create', 'rollback', 'verify', 'promote', 'push', 'hook']),
  );
  expect(names.filter((name) => !/\.cjs$/.test(name))).toEqual(['sha256']);
  expect(run(dir, 'list').taken).toContain('base.cjs');
  expect(run(dir, '--help').printed).toBe(printed);

  const before = statSync(compiled('base.cjs'));
  compileAhead();
  const after = statSync(compiled('base.cjs'));
  expect([after.ino, after.mtimeMs >= before.mtimeMs]).toEqual([before.ino, true]);

  writeFileSync(compiled('sha256'), 'of other scripts');
  compileAhead();
  expect(statSync(compiled('base.cjs')).ino).not.toBe(before.ino);
});

test('what was damaged is made again', () => {
  const before = statSync(compiled('base.cjs')).ino;
  writeFileSync(compiled('base.cjs'), 'damaged');
  compileAhead();
  expect(statSync(compiled('base.cjs')).ino).not.toBe(before);
});

test('where it cannot be done, as without git, that is said, and they start as they are', () => {
  const nowhere = tempDir();
  for (const [variables, reason] of [
    [{ PATH: nowhere }, 'git is not there'],
    [{ TMPDIR: join(nowhere, 'not-there') }, 'ENOENT: no such file or directory'],
  ] as const) {
    rmSync(compiled(), { recursive: true, force: true });
    expect(compileAhead(variables)).toContain(`nothing is compiled ahead: ${reason}`);
    expect(existsSync(compiled())).toBe(false);
    expect(run(nowhere, '--version').printed).toMatch(/^git-snapshot \d/);
  }
});
