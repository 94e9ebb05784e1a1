import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runCli } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-repo.ts';

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git somewhere; never throws. `env` is added to the usual environment. */
export function gitIn(cwd: string, args: readonly string[], env: Record<string, string> = {}, input = ''): Ended {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd,
    env: { ...process.env, ...env },
    input,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** Runs `git snapshot hooks …` in this process. */
export async function hooks(cwd: string, ...args: string[]) {
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  return runCli(['hooks', ...args], { cwd, env });
}

/** Writes a script that may be executed. */
export function writeScript(file: string, lines: readonly string[], mode = 0o755): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, mode);
}

/** A directory on PATH whose `git-snapshot` notes how it is called, and ends with `code`. */
export function recorder(code = 0): { env: Record<string, string>; calls(): string[]; input(): string } {
  const dir = tempDir();
  writeScript(join(dir, 'bin/git-snapshot'), [
    `printf '%s\\n' "$*" >>'${dir}/calls'`,
    `cat >>'${dir}/input'`,
    `exit ${code}`,
  ]);
  writeFileSync(join(dir, 'calls'), '');
  writeFileSync(join(dir, 'input'), '');
  return {
    env: { PATH: `${join(dir, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` },
    calls: () => readFileSync(join(dir, 'calls'), 'utf8').split('\n').slice(0, -1),
    input: () => readFileSync(join(dir, 'input'), 'latin1'),
  };
}

/** Every file of a directory with its mode and content: what must be the same again. */
export function fingerprint(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(dir).sort()) {
    const file = join(dir, name);
    const stat = lstatSync(file);
    const content = stat.isSymbolicLink()
      ? `-> ${readlinkSync(file)}`
      : stat.isFile()
        ? readFileSync(file, 'latin1')
        : 'directory';
    found[name] = `${stat.mode.toString(8)} ${content}`;
  }
  return found;
}
