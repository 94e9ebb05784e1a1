import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS = ['git-snapshot', 'git-rollback'];

/** Where commands are run: an empty directory, of a user without any settings who has the programs on the PATH. */
export interface Stage {
  readonly directory: string;
  /** Runs a command line there, and insists on how it ends; 0, if nothing is said. */
  run(command: string, options?: { exits?: number }): void;
}

/**
 * Makes a stage below an empty directory.
 *
 * @param command - what is run, before the arguments, under the name of a program
 */
export function openStage(scratch: string, command: (program: string) => readonly string[]): Stage {
  const [home, bin, directory] = ['home', 'bin', 'here'].map((name) => join(scratch, name)) as [string, string, string];
  for (const each of [home, bin, directory]) mkdirSync(each);
  for (const program of PROGRAMS) {
    const file = join(bin, program);
    writeFileSync(file, `#!/bin/sh\nexec ${command(program).map(quote).join(' ')} "$@"\n`);
    chmodSync(file, 0o755);
  }
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(GIT_|XDG_|NODE_|CI$|GITHUB_|GITLAB_)/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    HOME: home,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_PAGER: 'cat',
    GIT_AUTHOR_NAME: 'Build',
    GIT_AUTHOR_EMAIL: 'build@example.org',
    GIT_COMMITTER_NAME: 'Build',
    GIT_COMMITTER_EMAIL: 'build@example.org',
  };
  if (spawnSync('git', ['--version'], { env, stdio: 'ignore' }).status !== 0) throw new Error('git is not there');
  return {
    directory,
    run(line, { exits = 0 } = {}) {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: directory, env, encoding: 'utf8' });
      if (status !== exits) throw new Error(`'${line}' ended with ${status}, not ${exits}:\n${stdout}${stderr}`);
    },
  };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
