import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { userDirectory } from '../../src/cli/wire/context.ts';
import { type GovernedRepo, governedRepo } from '../support/governed-repo.ts';
import { tempRepo } from '../support/temp-repo.ts';

const DAY_MS = 86_400_000;

function write(repo: GovernedRepo, text: string): void {
  writeFileSync(join(repo.root, 'a'), text);
}

/** A repository with a snapshot, and the same with clocks that are wrong. */
async function scene() {
  const repo = await governedRepo();
  write(repo, '1');
  await repo.take();
  write(repo, '2');
  const nowMs = Date.now();
  return { repo, slow: repo.at(nowMs - 50 * DAY_MS), fast: repo.at(nowMs + 400 * DAY_MS) };
}

test('a clock that is behind is named, and nothing is done about a log that is sound', async () => {
  const { repo, slow } = await scene();
  const before = repo.git('for-each-ref');
  const asked = [
    ['rollback', '--yes'],
    ['snapshot', 'log', 'repair', '--yes', '-m', 'as I thought'],
  ];
  for (const words of asked) {
    const { stderr } = await slow.expect(6, words);
    expect(stderr).toMatch(/in the future by the clock of this machine/);
    expect(stderr).toMatch(/hint: It is \d{4}-.* by the clock of this machine\. If that is wrong, set it/);
    expect(stderr).not.toContain('log repair"');
  }
  const server = tempRepo('--bare');
  repo.git('remote', 'add', 'origin', server.dir);
  const pushed = await slow.expect(6, ['snapshot', 'push']);
  expect(pushed.stderr).toMatch(/hint: Nothing was exchanged\. It is .* see "When a clock was wrong" in docs/);
  const { stderr } = await slow.expect(3, ['snapshot', 'create']);
  expect(stderr).toMatch(/it was made at .*, which is in the future by the clock of this machine\nhint: Set the clock/);
  expect(repo.git('for-each-ref')).toBe(before);
  await repo.ok('snapshot', 'log', '--verify');
  await repo.ok('rollback', '--yes');
});

test('what a clock that was ahead has left is taken away by the commands of the page', async () => {
  const { repo, fast } = await scene();
  const tip = repo.git('rev-parse', 'refs/notes/snapshots');
  await fast.take('-m', 'early');
  write(repo, '3');
  await fast.take('-m', 'early, too');
  expect((await repo.expect(6, ['snapshot', 'create'])).stderr).toContain(
    '"When a clock was wrong" in docs/operations.md',
  );
  expect((await repo.expect(6, ['snapshot', 'log', 'repair', '--yes', '-m', 'x'])).stderr).toMatch(
    /^error: a repair cannot pass over what is only early: event 3: /,
  );

  const findings = async (rule: string) =>
    (
      await repo.json<{ findings: { rule: string; object: string; detail: string }[] }>('snapshot', 'log', '--verify')
    ).findings.filter((finding) => finding.rule === rule);
  const [first] = await findings('time');
  const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const commands = /## When a clock was wrong[\s\S]*?```sh\n([\s\S]*?)```/.exec(page)?.[1]?.split('\n') ?? [];
  for (const line of commands.filter((each) => each.startsWith('git -c') || each.includes('trust accept'))) {
    const command = line.replace(/ +#.*/, '');
    if (command.startsWith('git snapshot')) await repo.ok(...command.split(' ').slice(1), '--yes');
    else if (!command.includes('REF'))
      execFileSync('sh', ['-c', command.replace('COMMIT', first?.object ?? '')], { cwd: repo.dir });
    else
      for (const { detail } of await findings('ref')) {
        const ref = /'(refs\/[^']+)'/.exec(detail)?.[1] ?? '';
        execFileSync('sh', ['-c', command.replace('REF', ref)], { cwd: repo.dir });
      }
  }
  expect(repo.git('rev-parse', 'refs/notes/snapshots')).toBe(tip);
  await repo.ok('snapshot', 'log', '--verify');
  expect(readFileSync(join(repo.root, 'a'), 'utf8')).toBe('3');
  await repo.take('-m', 'again');
  // To whoever remembers nothing of it, and when the time of those events has come.
  rmSync(join(userDirectory(process.env), 'seen'), { recursive: true });
  await repo.at(Date.now() + 500 * DAY_MS).ok('snapshot', 'log', '--verify');
});
