import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DOCUMENTS, ErrorDocument } from '../../../src/cli/schemas/documents.ts';
import { look } from '../../support/governed-repo.ts';
import { FIRST, type Person, person } from '../../support/people.ts';
import { programs } from '../../support/programs.ts';
import { tempDir } from '../../support/temp-repo.ts';

interface Site extends Person {
  /** What the programs write to. */
  readonly notes: string;
  /** What they wrote, line by line. */
  noted(): string[];
  /** Ids of the snapshots, in which the file `state` says `one`, `two` and `three`; the directory is at the last. */
  readonly ids: readonly [string, string, string];
}

/** A program that notes that it was asked, and is content with these states. */
const contentWith = (notes: string, ...states: string[]) => [
  'sh',
  '-c',
  'read -r state <state; echo "$state" >>"$0"; for good; do [ "$state" = "$good" ] && exit 0; done; echo "it is $state"; exit 3',
  notes,
  ...states,
];

/** @param policy - what becomes of it */
async function site(
  health: (notes: string) => object,
  more: (policy: Record<string, unknown>, notes: string) => void = () => {},
): Promise<Site> {
  const ada = await person(FIRST);
  const notes = join(tempDir(), 'notes');
  writeFileSync(notes, '');
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  await ada.write((policy) => {
    Object.assign(policy.sets['artifacts'] ?? {}, { rollback: { health: health(notes) } });
    more(policy as never, notes);
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  const ids: string[] = [];
  for (const state of ['one', 'two', 'three']) {
    writeFileSync(join(ada.root, 'state'), `${state}\n`);
    ids.push((await ada.take('-m', state)).id);
  }
  const noted = () => readFileSync(notes, 'utf8').split('\n').slice(0, -1);
  return { ...ada, notes, noted, ids: ids as [string, string, string] };
}

/** Not so where nobody has taken note of its end yet. */
const isRunning = (pid: string) => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';

const state = (ada: Person) => readFileSync(join(ada.root, 'state'), 'utf8').trim();

interface LoggedRollback {
  readonly event: { readonly outcome: string; readonly health?: object; readonly phases: { phase: string }[] };
}

const rollbacks = async (ada: Person) =>
  (await ada.json<LoggedRollback[]>('snapshot', 'log', '--type', 'rollback')).map(({ event }) => event);

/** Journals, locks and staging areas. */
const leftovers = ({ dir }: Person) =>
  readdirSync(join(dir, '.git/snapshot'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /journal|lock|staging/.test(name),
  );

it('is asked after a rollback, and the log tells what it said', async () => {
  const ada = await site((notes) => ({ argv: contentWith(notes, 'one') }));
  const result = DOCUMENTS.rollback.parse(await ada.json('rollback', '--yes', ada.ids[0]));
  expect(result).toMatchObject({ outcome: 'applied', health: { verdict: 'pass', attempts: 1, detail: 'exit code 0' } });
  expect(result.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['check', 'health', 'record']));
  expect((await rollbacks(ada))[0]).toMatchObject({ outcome: 'applied', health: { verdict: 'pass', attempts: 1 } });
  expect(ada.noted()).toEqual(['one']);
  // Where nothing is done, nobody is asked.
  await ada.ok('rollback', '--yes');
  await ada.ok('rollback', '--dry-run', ada.ids[1]);
  expect(ada.noted()).toEqual(['one']);
});

it('has everything taken back if it is not content', async () => {
  const ada = await site((notes) => ({ argv: contentWith(notes, 'three'), attempts: 2 }));
  const before = look(ada.root);
  const { stderr, stdout } = await ada.expect(7, ['rollback', '--yes', ada.ids[0]]);
  expect(stdout).toBe('');
  expect(stderr).toContain(
    '  FAIL  health after the rollback  exit code 3, in the last of 2 attempts\n        it is one\n',
  );
  expect(stderr).toContain('  ok    health after going back  exit code 0\n');
  expect(stderr).toContain(
    'error: the health check did not pass: exit code 3, in the last of 2 attempts; everything was taken back\n',
  );
  expect(stderr).toContain('hint: What is there again is well.\n');
  expect(look(ada.root)).toEqual(before);
  expect(leftovers(ada)).toEqual([]);
  expect(ada.noted()).toEqual(['one', 'one', 'three']);
  const [event] = await rollbacks(ada);
  expect(event).toMatchObject({ outcome: 'reverted', health: { verdict: 'fail', attempts: 2 } });
  await ada.ok('snapshot', 'status');
  await ada.ok('snapshot', 'log', '--verify');

  const { stderr: json } = await ada.expect(7, ['rollback', '--yes', '--json', ada.ids[0]]);
  const { error } = ErrorDocument.parse(JSON.parse(json));
  expect(error).toMatchObject({ kind: 'gate', health: { verdict: 'fail', attempts: 2, output: ['it is one'] } });
  expect(error).toMatchObject({ healthBefore: { verdict: 'pass', attempts: 1 } });
});

it('only tells of what is not well after the return, and goes nowhere else', async () => {
  const ada = await site((notes) => ({ argv: contentWith(notes) }));
  const { stderr } = await ada.expect(7, ['rollback', '--yes', '--steps', '1']);
  expect(stderr).toContain('hint: What is there again is not well, either: exit code 3.\n');
  expect(state(ada)).toBe('three');
  expect(await rollbacks(ada)).toHaveLength(1);
});

it('goes on to the next attempt until it is content', async () => {
  const thirdTime = 'echo asked >>"$0"; [ "$(grep -c asked "$0")" = 3 ]';
  const ada = await site((notes) => ({ argv: ['sh', '-c', thirdTime, notes], attempts: 5, settle: '1s' }));
  expect(await ada.json('rollback', '--yes', ada.ids[0])).toMatchObject({ health: { verdict: 'pass', attempts: 3 } });
});

it('is started in the directory, sees nothing but what is named, and is killed with all that it started', async () => {
  const look =
    'pwd >>"$0"; env | sed "s/=.*//" | sort | grep -v -e PWD -e SHLVL -e "^_$" | tr "\\n" " " >>"$0"; sleep 60 & echo $! >>"$0"; wait';
  const ada = await site((notes) => ({
    argv: ['sh', '-c', look, notes],
    environment: ['XDG_CONFIG_HOME'],
    timeout: 1,
  }));
  const { stderr } = await ada.expect(7, ['rollback', '--yes', ada.ids[0]], { env: { SECRET: 'x' } });
  expect(stderr).toContain('no answer after 1 s, its time limit');
  const [directory, seen] = ada.noted();
  expect(directory).toBe(ada.root);
  const [, names = '', pid = ''] = /^(.*) (\d+)$/.exec(seen ?? '') ?? [];
  expect(names).toBe('LC_ALL PATH XDG_CONFIG_HOME');
  await expect.poll(() => isRunning(pid)).toBe(false);
});

it('has no file of ours open', async () => {
  const ada = await site((notes) => ({ argv: ['sh', '-c', 'readlink /proc/$$/fd/* >>"$0"; exit 0', notes] }));
  await ada.ok('rollback', '--yes', ada.ids[0]);
  // Neither locks nor journals: whoever it leaves running holds none of them. Its output goes to the notes here.
  expect(ada.noted().filter((name) => name.startsWith('/'))).toEqual(['/dev/null', ada.notes]);
});

it('counts as not content where it cannot be started', async () => {
  const ada = await site(() => ({ argv: ['no-such-program'] }));
  const { stderr } = await ada.expect(7, ['rollback', '--yes', ada.ids[0]]);
  expect(stderr).toContain("cannot start 'no-such-program'");
  expect(state(ada)).toBe('three');
});

it('does not stand in the way of undoing a rollback, and tells how it is then', async () => {
  const ada = await site((notes) => ({ argv: contentWith(notes, 'one') }));
  await ada.ok('rollback', '--yes', ada.ids[0]);
  expect(await ada.ok('rollback', '--yes', '--undo')).toContain('  FAIL  health  exit code 3\n        it is three\n');
  expect(state(ada)).toBe('three');
  expect((await rollbacks(ada))[0]).toMatchObject({ outcome: 'applied', health: { verdict: 'fail', attempts: 1 } });
});

it('is asked after a restore and after a rollback of some paths, too', async () => {
  const ada = await site((notes) => ({ argv: contentWith(notes, 'two', 'three') }));
  await ada.ok('snapshot', 'restore', '--yes', ada.ids[1]);
  await ada.expect(7, ['snapshot', 'restore', '--yes', ada.ids[0]]);
  await ada.expect(7, ['rollback', '--yes', '--path', 'state', ada.ids[0]]);
  expect(state(ada)).toBe('two');
});

it("is the environment's own, if that has one, and then nothing is promoted either", async () => {
  const ada = await site(
    (notes) => ({ argv: contentWith(notes) }),
    (policy, notes) => {
      policy['environments'] = {
        production: { rollback: { approvals: 0, health: { argv: contentWith(notes, 'one') } } },
      };
      Object.assign(policy['roles'] as object, { promoter: [FIRST], releaser: [FIRST] });
    },
  );
  for (const id of ada.ids) await ada.ok('snapshot', 'promote', '--yes', id, 'production', '-m', 'go');
  const { stderr } = await ada.expect(7, ['rollback', '--yes', '--env', 'production', '-m', 'bad']);
  expect(stderr).toContain('it is two');
  expect(state(ada)).toBe('three');
  expect(await ada.json('snapshot', 'environments')).toMatchObject([{ live: { number: 3 } }]);
  // Where the directory is there already, too.
  writeFileSync(join(ada.root, 'state'), 'two\n');
  const before = ada.noted().length;
  const { stderr: inPlace } = await ada.expect(7, ['rollback', '--yes', '--env', 'production', '-m', 'bad']);
  expect(inPlace).toContain('  FAIL  health  exit code 3\n        it is two\n');
  expect(inPlace).toContain('error: the health check did not pass: exit code 3; nothing was changed\n');
  expect(ada.noted().slice(before)).toEqual(['two']);
  expect(await ada.json('snapshot', 'environments')).toMatchObject([{ live: { number: 3 } }]);
  await ada.ok('rollback', '--yes', '--env', 'production', '--steps', '2', '-m', 'bad');
  expect(state(ada)).toBe('one');
  expect(await ada.json('snapshot', 'environments')).toMatchObject([{ live: { number: 4, snapshot: ada.ids[0] } }]);
});

it('may ask this program about the repository, and is told that a rollback is under way', async () => {
  const commands =
    'for command in "snapshot status" "snapshot verify --quick latest" "snapshot create" "rollback --continue" "rollback --abort" "snapshot doctor"; do git $command >>"$0" 2>&1; echo "$command: $?" >>"$0"; done';
  const ada = await site((notes) => ({ argv: ['sh', '-c', commands, notes], environment: ['XDG_CONFIG_HOME'] }));
  const { bin } = await programs();
  await ada.expect(0, ['rollback', '--yes', ada.ids[0]], { env: { PATH: `${bin}:${process.env['PATH']}` } });
  const noted = ada.noted();
  expect(noted).toEqual(
    expect.arrayContaining([
      'snapshot status: 9',
      'snapshot verify --quick latest: 0',
      'snapshot create: 9',
      'rollback --continue: 9',
      'rollback --abort: 9',
    ]),
  );
  const said = noted.join('\n');
  expect(said).toMatch(
    new RegExp(
      `A rollback to ${ada.ids[0]} is running \\(pid (\\d+), begun just now\\)\\.\n {2}Wait until it is done\\.`,
    ),
  );
  expect(said).toMatch(
    /error: a rollback of the set 'artifacts' is running \(pid \d+\)\nhint: Wait until it is done\./,
  );
  expect(said).toMatch(/note +rollback +one of set 'artifacts' is running \(pid \d+\)/);
  expect(said).not.toContain('"git rollback --abort');
  expect(state(ada)).toBe('one');
  await ada.ok('snapshot', 'status');
});

/** Starts a rollback as users do, and ends it by a signal while the program is asked. Gives the exit code, or the signal. */
async function endedWhileAsked(ada: Site, signal: NodeJS.Signals): Promise<unknown> {
  const script = (await programs()).script('git-rollback');
  const child = spawn(process.execPath, [script, '--yes', ada.ids[0]], {
    cwd: ada.dir,
    env: { ...process.env, XDG_CONFIG_HOME: ada.home },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', (code, killedBy) => resolve(killedBy ?? code)));
  await expect.poll(() => ada.noted().length, { timeout: 30_000 }).toBe(2);
  child.kill(signal);
  return ended;
}

// Content from the second time on; the first time it does not come back.
const SLOW =
  'read -r state <state; echo "$state" >>"$0"; [ "$(wc -l <"$0")" = 1 ] || exit 0; echo $$ >>"$0"; exec sleep 60';

for (const [signal, end] of [
  ['SIGKILL', 'SIGKILL'],
  ['SIGINT', 130],
] as const) {
  it(`is asked again by --continue after ${signal}, and not by --abort`, async () => {
    for (const [word, wanted] of [
      ['--continue', 'one'],
      ['--abort', 'three'],
    ] as const) {
      const ada = await site((notes) => ({ argv: ['sh', '-c', SLOW, notes] }));
      expect(await endedWhileAsked(ada, signal)).toBe(end);
      const pid = ada.noted()[1] ?? '';
      if (signal === 'SIGINT') await expect.poll(() => isRunning(pid)).toBe(false);
      else process.kill(Number(pid));
      expect((await ada.expect(9, ['snapshot', 'status'])).stdout).toContain(
        `A rollback to ${ada.ids[0]} is unfinished`,
      );
      await ada.ok('rollback', word);
      expect(state(ada)).toBe(wanted);
      expect(ada.noted().slice(2)).toEqual(word === '--continue' ? ['one'] : []);
      expect(leftovers(ada)).toEqual([]);
      expect(await rollbacks(ada)).toHaveLength(1);
      await ada.expect(0, ['snapshot', 'status']);
    }
  });
}

it('is not asked again once the log says that it was content', async () => {
  const copy = tempDir();
  const ada = await site((notes) => ({
    argv: ['sh', '-c', 'echo asked >>"$0"; cp -a ../.git/snapshot/. "$1"', notes, copy],
  }));
  await ada.ok('rollback', '--yes', ada.ids[0]);
  // As if it had been killed just after the event was written.
  rmSync(join(ada.dir, '.git/snapshot'), { recursive: true });
  cpSync(copy, join(ada.dir, '.git/snapshot'), { recursive: true });
  rmSync(join(ada.dir, '.git/snapshot/artifacts.lock'));
  await ada.ok('rollback', '--continue');
  expect(ada.noted()).toEqual(['asked']);
  expect(await rollbacks(ada)).toHaveLength(1);
});
