import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { runIn } from '../../src/cli/main.ts';
import { governedRepo } from '../support/governed-repo.ts';
import { withApp } from '../support/open-app.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

/** As much of a process as the programs use. */
class FakeProcess extends EventEmitter {
  readonly argv: readonly string[];
  readonly env = process.env;
  stdin: NodeJS.ReadableStream = process.stdin;
  readonly stdout = new FakeStream();
  readonly stderr = new FakeStream();
  exitCode: number | undefined;
  readonly exits: number[] = [];
  dir = tempDir();

  constructor(...args: string[]) {
    super();
    this.argv = ['node', 'git-snapshot', ...args];
  }

  cwd(): string {
    return this.dir;
  }

  exit(code: number): void {
    this.exits.push(code);
  }
}

class FakeStream extends EventEmitter {
  text = '';
  isTTY: boolean | undefined;

  write(text: string): void {
    this.text += text;
  }
}

function run(program: 'git-snapshot' | 'git-rollback', fake: FakeProcess): Promise<void> {
  return runIn(program, fake as unknown as NodeJS.Process, { stdout: undefined, stderr: undefined });
}

describe('a program in a process', () => {
  test('sets the exit code and does not end the process', async () => {
    const right = new FakeProcess('--version');
    await run('git-snapshot', right);
    expect(right).toMatchObject({ exitCode: 0, exits: [] });
    const wrong = new FakeProcess('--nope');
    await run('git-rollback', wrong);
    expect(wrong).toMatchObject({ exitCode: 2, exits: [] });
  });

  test('over the real adapters, outside a repository: says so', async () => {
    const fake = new FakeProcess('list');
    await run('git-snapshot', fake);
    expect(fake.exitCode).toBe(4);
    expect(fake.stderr.text).toContain('not in a git repository');
  });

  test('ends with 130 on Ctrl-C, and says that nothing was changed where that is so', async () => {
    const fake = new FakeProcess('--yes');
    const running = run('git-rollback', fake);
    fake.emit('SIGINT');
    expect(fake.exits).toEqual([130]);
    expect(fake.stderr.text).toMatch(/^error: interrupted; (nothing was changed|the directory was not changed)\n$/);
    await running;
  });

  test('says on Ctrl-C what state the directory is in, and how to go on with a rollback that has begun', async () => {
    const repo = await governedRepo();
    writeFileSync(join(repo.root, 'a'), '1');
    await repo.take('-m', 'first');
    writeFileSync(join(repo.root, 'a'), '2');
    const fake = new FakeProcess('--yes');
    fake.dir = repo.dir;
    await run('git-rollback', fake);
    fake.stderr.text = '';
    fake.emit('SIGINT');
    expect(fake.stderr.text).toMatch(/^error: interrupted; the directory is whole/);

    writeFileSync(join(repo.root, 'a'), '3');
    const phase = (title: string) => () => {
      if (title === 'Replacing files' || title === 'Taking it back') throw new Error('stopped');
    };
    const usual = {
      set: undefined,
      steps: undefined,
      message: undefined,
      paths: [],
      dryRun: false,
      confirm: undefined,
    };
    await expect(withApp(repo, (app) => app.rollback({ ...usual, snapshot: 'latest' }), { phase })).rejects.toThrow();
    repo.git('update-ref', '-d', 'refs/notes/snapshots');
    const going = new FakeProcess('--continue');
    going.dir = repo.dir;
    await run('git-rollback', going);
    expect(going.exitCode).toBe(6);
    going.stderr.text = '';
    going.emit('SIGINT');
    expect(going.stderr.text).toMatch(
      /^error: interrupted; the directory may be half way\nhint: Run "git rollback --continue" .* "git rollback --abort" /,
    );
  });

  test('ends at a question before anything is changed, and says so', async () => {
    const fake = new FakeProcess('init');
    fake.dir = tempRepo().dir;
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    fake.stdin = stdin;
    fake.stderr.isTTY = true;
    const running = run('git-snapshot', fake);
    await vi.waitFor(() => expect(fake.stderr.text).toContain('[y/N]'), { timeout: 20_000 });
    fake.emit('SIGINT');
    expect(fake.exits).toEqual([130]);
    expect(fake.stderr.text).toMatch(/\nerror: interrupted; nothing was changed\n$/);
    stdin.end('n\n');
    await running;
  });

  test('does not mind that its reader has gone', async () => {
    const fake = new FakeProcess('--version');
    await run('git-snapshot', fake);
    fake.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(fake).toMatchObject({ exitCode: 0, stderr: { text: '' } });
    const bug = new Error('no code');
    expect(() => fake.stdout.emit('error', bug)).toThrow(bug);
  });

  test('says once that there is no room for what it prints', async () => {
    const fake = new FakeProcess('--version');
    await run('git-snapshot', fake);
    const full = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    fake.stdout.emit('error', full);
    fake.stdout.emit('error', full);
    await vi.waitFor(() => expect(fake.exitCode).toBe(8));
    expect(fake.stderr.text).toBe('error: cannot write the output: no space left on the device\n');
  });
});
