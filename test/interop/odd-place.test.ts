import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { programs } from '../support/programs.ts';
import { tempDir } from '../support/temp-repo.ts';

test.each(['é', `it's $HOME 「x」 %41#`])(
  'everything works where repository, home and temporary directory are called %j',
  async (name) => {
    const place = join(tempDir(), name);
    const repository = join(place, 'repository');
    const [home, temporary, restored] = ['home', 'tmp', 'restored'].map((part) => join(place, part)) as [
      string,
      string,
      string,
    ];
    for (const dir of [join(repository, 'artifacts'), home, temporary, restored]) mkdirSync(dir, { recursive: true });
    const file = join(repository, 'artifacts/file');
    const env = {
      ...process.env,
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      TMPDIR: temporary,
      PATH: `${(await programs()).bin}${delimiter}${process.env['PATH']}`,
    };
    const run = (line: string, exits = 0) => {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: repository, env, encoding: 'utf8' });
      expect([line, status, status === exits ? '' : stderr]).toEqual([line, exits, '']);
      return stdout;
    };
    writeFileSync(file, 'one');
    run('git init -q && git init -q --bare ../server && git remote add origin ../server');
    run('git config user.name Ada && git config user.email ada@example.org');
    run('git snapshot init --yes && git snapshot -m one');
    // What is made the first time is looked at the second time.
    for (let times = 0; times < 2; times++) expect(run('git snapshot status')).toContain('nothing changed');
    writeFileSync(file, 'two');
    run('git snapshot status', 1);
    run('git snapshot diff && git snapshot -m two && git snapshot list && git snapshot show && git snapshot log');
    run('git rollback --yes --steps 1 && git snapshot verify --all');
    expect(readFileSync(file, 'utf8')).toBe('one');
    run('git rollback --undo --yes && git snapshot rehearse && git snapshot doctor && git snapshot prune');
    expect(readFileSync(file, 'utf8')).toBe('two');
    rmSync(join(repository, 'artifacts'), { recursive: true });
    run('git rollback --yes && git snapshot hooks install && git snapshot -C ../server hooks install');
    run('git snapshot push && git snapshot fetch && git snapshot export latest --output ../restored/it.zip');
    expect(readFileSync(file, 'utf8')).toBe('two');
  },
);
