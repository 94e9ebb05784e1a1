import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type TempRepo, tempDir, tempRepo } from '../support/temp-repo.ts';
import { gitIn, hooks, recorder, writeScript } from './hooked-repo.ts';

async function hooked(...init: string[]): Promise<TempRepo> {
  const repo = tempRepo(...init);
  const isBare = init.includes('--bare');
  if (!isBare) repo.git('commit', '-q', '--allow-empty', '-m', 'one');
  await hooks(repo.dir, 'install', ...(isBare ? ['--hook', 'pre-receive'] : []));
  return repo;
}

describe('what is none of ours', () => {
  test('starts no program: commits, branches, tags, pushes, fetches, notes', async () => {
    const repo = await hooked();
    const bare = await hooked('--bare');
    await hooks(bare.dir, 'install', '--hook', 'reference-transaction');
    const { env, calls } = recorder(1);
    const steps = [
      ['commit', '-q', '--allow-empty', '-m', 'two'],
      ['branch', 'refs/snapshots/x'],
      ['tag', 'snapshots'],
      ['notes', 'add', '-m', 'hello'],
      ['notes', '--ref=snapshots-of-mine', 'add', '-m', 'hello'],
      ['push', '-q', bare.dir, 'main', 'main:other', 'snapshots', 'refs/notes/*:refs/notes/*'],
      ['push', '-q', bare.dir, ':other'],
      ['fetch', '-q', bare.dir, 'refs/tags/snapshots:refs/tags/promotions-of-mine'],
      ['branch', '-D', 'refs/snapshots/x'],
      ['gc', '-q'],
    ];
    for (const step of steps) expect([step, gitIn(repo.dir, step, env)]).toMatchObject([step, { code: 0 }]);
    expect(calls()).toEqual([]);
  });

  test('starts none for a push of many refs either', async () => {
    const repo = await hooked();
    const bare = await hooked('--bare');
    const head = repo.git('rev-parse', 'HEAD');
    const lines = Array.from({ length: 200 }, (_, i) => `create refs/heads/b${i} ${head}\n`).join('');
    const { env, calls } = recorder(1);
    expect(gitIn(repo.dir, ['update-ref', '--stdin'], env, lines).code).toBe(0);
    expect(gitIn(repo.dir, ['push', '-q', bare.dir, 'refs/heads/*:refs/heads/*'], env).code).toBe(0);
    expect(calls()).toEqual([]);
  });
});

describe('what is ours', () => {
  test('is asked about, with what git said and no more', async () => {
    const repo = await hooked();
    const bare = await hooked('--bare');
    repo.git('remote', 'add', 'origin', bare.dir);
    const head = repo.git('rev-parse', 'HEAD');
    const zero = '0'.repeat(40);
    const asked = recorder();
    const push = gitIn(repo.dir, ['push', '-q', 'origin', 'main', 'HEAD^{commit}:refs/snapshots/a/b'], asked.env);
    expect(push).toMatchObject({ code: 0 });
    expect(asked.calls()).toEqual([`hook pre-push -- origin ${bare.dir}`, 'hook pre-receive --']);
    expect(asked.input().split('\n').toSorted()).toEqual(
      [
        `refs/heads/main ${head} refs/heads/main ${zero}`,
        `HEAD^{commit} ${head} refs/snapshots/a/b ${zero}`,
        `${zero} ${head} refs/heads/main`,
        `${zero} ${head} refs/snapshots/a/b`,
        '',
      ].toSorted(),
    );
    const no = recorder(1);
    expect(gitIn(repo.dir, ['push', '-q', 'origin', ':refs/snapshots/a/b'], no.env).code).not.toBe(0);
    expect(bare.git('rev-parse', 'refs/snapshots/a/b')).toBe(head);
    // The server decides by itself.
    const refused = gitIn(repo.dir, ['push', '-q', '--no-verify', 'origin', ':refs/snapshots/a/b'], no.env);
    expect(refused.stderr).toContain('pre-receive hook declined');
    expect(no.calls()).toEqual([`hook pre-push -- origin ${bare.dir}`, 'hook pre-receive --']);
  });

  test('among thousands of refs reaches the program whole', async () => {
    const script = join(import.meta.dirname, '../../hooks/pre-receive');
    const { env, input, calls } = recorder();
    const line = (ref: string) => `${'0'.repeat(40)} ${'a'.repeat(40)} ${ref}\n`;
    const many = Array.from({ length: 10_000 }, (_, i) => line(`refs/heads/b${i}`)).join('');
    const odd = line('refs/heads/$(touch x)\'"`\\n%s*?[a]\u00e9');
    const end = line('refs/notes/snapshots').slice(0, -1);
    const { spawnSync } = await import('node:child_process');
    const run = (text: string) =>
      spawnSync('sh', [script], {
        env: { ...process.env, ...env },
        input: Buffer.from(text, 'latin1'),
        cwd: tempDir(),
      });
    for (const text of [many + odd + end, odd + end, end]) {
      const before = input();
      expect(run(text)).toMatchObject({ status: 0 });
      expect(input()).toBe(before + text);
    }
    expect(calls()).toHaveLength(3);
  });

  test.each(['pre-push', 'pre-receive', 'reference-transaction'])(
    '%s fails without the program, and lets through what is none of ours',
    async (name) => {
      const { spawnSync } = await import('node:child_process');
      const bin = tempDir();
      const path = ['git', 'sh', 'cat', 'grep', 'cut'].map((program) => {
        const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
        writeScript(join(bin, program), [`exec ${found} "$@"`]);
        return found;
      });
      expect(path).not.toContain('');
      const repo = tempRepo();
      const run = (input: string) =>
        spawnSync('sh', [join(import.meta.dirname, '../../hooks', name), 'prepared', 'x'], {
          cwd: repo.dir,
          env: { PATH: bin },
          input,
          encoding: 'utf8',
        });
      const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
      const line = (ref: string) => (name === 'pre-push' ? `HEAD ${a} ${ref} ${b}\n` : `${a} ${b} ${ref}\n`);
      expect(run(line('refs/heads/main'))).toMatchObject({ status: 0, stderr: '' });
      expect(run(line('refs/snapshots/a/b'))).toMatchObject({ status: 1 });
      expect(run(line('refs/snapshots/a/b')).stderr).toMatch(/^error: .*git-snapshot.*\nhint: .*\n$/);
    },
  );

  test('rules that protect other refs make every push a question', async () => {
    const repo = await hooked();
    const bare = await hooked('--bare');
    repo.git('commit', '-q', '--allow-empty', '-m', 'two');
    mkdirSync(join(bare.dir, 'snapshot'));
    writeFileSync(join(bare.dir, 'snapshot/protect'), '');
    const { env, calls } = recorder(1);
    expect(gitIn(repo.dir, ['push', '-q', bare.dir, 'main'], env).code).not.toBe(0);
    expect(calls()).toEqual(['hook pre-receive --']);
    // In a linked working tree, the file is where the refs are.
    const linked = join(tempDir(), 'linked');
    repo.git('worktree', 'add', '-q', '-b', 'other', linked);
    mkdirSync(join(repo.dir, '.git/snapshot'), { recursive: true });
    writeFileSync(join(repo.dir, '.git/snapshot/protect'), '');
    expect(gitIn(linked, ['push', '-q', bare.dir, 'other'], env).code).not.toBe(0);
    expect(calls().at(-1)).toBe(`hook pre-push -- ${bare.dir} ${bare.dir}`);
  });

  test('the program sees the quarantine that git keeps new objects in', async () => {
    const repo = await hooked();
    const bare = await hooked('--bare');
    const dir = tempDir();
    writeScript(join(dir, 'git-snapshot'), [
      `echo "$GIT_QUARANTINE_PATH|$GIT_OBJECT_DIRECTORY|$GIT_ALTERNATE_OBJECT_DIRECTORIES|$GIT_DIR" >'${dir}/seen'`,
      'read -r _ new _ && git cat-file -e "$new"',
    ]);
    const env = { PATH: `${dir}:${process.env['PATH'] ?? ''}` };
    const push = gitIn(repo.dir, ['push', '-q', '--no-verify', bare.dir, 'HEAD:refs/snapshots/a/b'], env);
    expect(push).toMatchObject({ code: 0 });
    const [quarantine = '', objects, alternates = '', gitDir] = readFileSync(join(dir, 'seen'), 'utf8')
      .trim()
      .split('|');
    expect(quarantine).toContain('objects');
    expect(objects).toBe(quarantine);
    expect([alternates, gitDir]).toEqual([expect.stringContaining('objects'), '.']);
  });
});

describe("a hook of the user's", () => {
  test('gets the same arguments and input, and decides', async () => {
    const repo = tempRepo();
    const bare = tempRepo('--bare');
    repo.git('commit', '-q', '--allow-empty', '-m', 'one');
    const seen = join(tempDir(), 'seen');
    writeScript(join(repo.dir, '.git/hooks/pre-push'), [`printf '<%s>' "$@" >'${seen}'`, `cat >>'${seen}'`]);
    writeScript(join(repo.dir, '.git/hooks/reference-transaction'), [`echo "$1" >>'${seen}.states'`, 'exit 0']);
    writeScript(join(bare.dir, 'hooks/pre-receive'), ['grep -q forbidden && exit 5', 'exit 0']);
    await hooks(repo.dir, 'install');
    await hooks(bare.dir, 'install', '--hook', 'pre-receive');
    expect(gitIn(repo.dir, ['push', '-q', bare.dir, 'HEAD:refs/heads/a']).code).toBe(0);
    const head = repo.git('rev-parse', 'HEAD');
    expect(readFileSync(seen, 'utf8')).toBe(`<${bare.dir}><${bare.dir}>HEAD ${head} refs/heads/a ${'0'.repeat(40)}\n`);
    expect(gitIn(repo.dir, ['push', '-q', bare.dir, 'HEAD:refs/heads/forbidden']).code).not.toBe(0);
    expect(bare.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/a');
    repo.git('branch', 'b');
    expect(readFileSync(`${seen}.states`, 'utf8')).toBe('prepared\ncommitted\n');
    // Even what ours would let through.
    appendFileSync(join(repo.dir, '.git/hooks/reference-transaction.before-git-snapshot'), '\n');
    writeScript(join(repo.dir, '.git/hooks/reference-transaction.before-git-snapshot'), ['exit 1']);
    expect(gitIn(repo.dir, ['branch', 'c']).code).not.toBe(0);
  });

  test('that does not read its input, or is asked about much, is no trouble', async () => {
    const repo = tempRepo();
    repo.git('commit', '-q', '--allow-empty', '-m', 'one');
    writeScript(join(repo.dir, '.git/hooks/reference-transaction'), ['exit 0']);
    await hooks(repo.dir, 'install');
    const head = repo.git('rev-parse', 'HEAD');
    const lines = Array.from({ length: 800 }, (_, i) => `create refs/heads/b${i} ${head}\n`).join('');
    expect(gitIn(repo.dir, ['update-ref', '--stdin'], {}, lines)).toMatchObject({ code: 0, stderr: '' });
  });
});
