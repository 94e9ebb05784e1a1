import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Gate } from '../../src/core/policy/gate-schema.ts';
import { runGate, subjectOf, told } from './subject.ts';

const FILES = { 'a.txt': 'hello\n', 'models/b.bin': '\0' };
const shell = (script: string, more: object = {}) => ({ type: 'command', argv: ['sh', '-c', script], ...more });

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'git-snapshot-command-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs a command gate, and makes sure that no checkout is left. */
async function run(gate: object, env?: Readonly<Record<string, string | undefined>>) {
  const subject = subjectOf(FILES);
  const result = await runGate(gate, subject, env === undefined ? {} : { env });
  expect([...subject.checkouts]).toEqual([]);
  return result;
}

/** Waits until a process is gone: it may take a moment to die. */
async function isGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    const stat = existsSync(`/proc/${pid}/stat`) ? await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') : '';
    // A zombie waits for its parent, which may be the init of a container that reaps nothing.
    if (stat === '' || /\) [ZX]/.test(stat)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

describe('a command gate', () => {
  test('passes with exit code 0, in the checkout', async () => {
    const result = await run(shell('test "$(cat a.txt)" = hello && test -f models/b.bin && ! read line'));
    expect(result).toMatchObject({ verdict: 'pass', detail: 'exit code 0', violations: [] });
  });

  test('fails with exit code 1, and says what it printed', async () => {
    const result = await run(shell('printf "\\033[31mfirst\\033[0m\\n\\n\\000second\\r\\n\\377\\n" >&2; exit 1'));
    expect(result).toMatchObject({ verdict: 'fail', detail: 'exit code 1' });
    expect(told(result)).toEqual(['first', '\\u{0}second', '"\\377"']);
    expect(told(await run(shell('exit 1')))).toEqual(['it printed nothing']);
  });

  test.each<[string, object, string]>([
    ['another exit code', shell('echo oops; exit 2'), 'exit code 2'],
    [
      'a program that is not there',
      { type: 'command', argv: ['no-such-program-here'] },
      "cannot start 'no-such-program-here'",
    ],
    ['a program that the shell does not find', shell('no-such-program-here'), 'exit code 127'],
    ['a signal', shell('kill -TERM $$'), 'killed by SIGTERM'],
  ])('is an error with %s', async (_, gate, detail) => {
    const result = await run(gate);
    expect(result.verdict).toBe('error');
    expect(result.detail).toContain(detail);
    expect(told(result).includes('oops')).toBe(detail === 'exit code 2');
  });

  test('shows the program no variable but those that are named', async () => {
    const env = {
      PATH: `.:${process.env['PATH']}::bin`,
      SECRET: 's',
      TOKEN: 't',
      LC_ALL: 'de_AT.UTF-8',
      HOME: '/root',
    };
    const gate = { type: 'command', argv: ['env'], environment: ['TOKEN', 'LC_ALL', 'UNSET'] };
    // `env` passes whatever it prints, so the shell makes a fail of it.
    const result = await run({ ...gate, argv: ['sh', '-c', 'env; exit 1'] }, env);
    const names = told(result).filter((line) => !/^(?:PWD|OLDPWD|SHLVL|_)=/.test(line));
    expect(names.toSorted()).toEqual(['LC_ALL=C', `PATH=${process.env['PATH']}`, 'TOKEN=t']);
    expect(JSON.parse(result.evidence)['environment']).toEqual(['LC_ALL', 'PATH', 'TOKEN']);
  });

  test('takes no program out of the snapshot', async () => {
    for (const program of ['./check', 'bin/check', '..', 'a/', '']) {
      expect(Gate.safeParse({ type: 'command', argv: [program] }).success).toBe(false);
    }
    const subject = subjectOf({ 'check-this': '#!/bin/sh\nexit 0\n' });
    const result = await runGate({ type: 'command', argv: ['check-this'] }, subject, { env: { PATH: '.:' } });
    expect(result.verdict).toBe('error');
  });

  test('knows no shell', async () => {
    const result = await run({ type: 'command', argv: ['printf', '%s', '$(exit 1); `false` > a.txt'] });
    expect(result.verdict).toBe('pass');
  });

  test('is killed when its time is up, with all that it has started', async () => {
    const pids = join(scratch, 'pids');
    const stubborn = `trap '' TERM INT HUP; (trap '' TERM; echo $$ >> ${pids}; sleep 300) & echo $! >> ${pids}; sleep 300`;
    const result = await run(shell(stubborn, { timeout: 1 }));
    expect(result).toMatchObject({ verdict: 'error', detail: 'no verdict after 1 s, its time limit' });
    const started = (await readFile(pids, 'utf8')).trim().split('\n').map(Number);
    expect(started).toHaveLength(2);
    for (const pid of started) expect([pid, await isGone(pid)]).toEqual([pid, true]);
  });

  test('leaves nothing running behind, and does not wait for it', async () => {
    const pid = join(scratch, 'pid');
    const result = await run(shell(`sleep 300 & echo $! > ${pid}`));
    expect(result.verdict).toBe('pass');
    expect(await isGone(Number(await readFile(pid, 'utf8')))).toBe(true);
  });

  test('does not wait for a program that has left the group with the streams', async () => {
    const pid = join(scratch, 'escaped');
    const result = await run(
      shell(`setsid sh -c 'echo $$ > ${pid}; exec sleep 300' & while ! test -s ${pid}; do :; done`),
    );
    expect(result.verdict).toBe('pass');
    process.kill(Number(await readFile(pid, 'utf8')), 'SIGKILL');
  });

  test('takes any amount of output, and keeps little of it', async () => {
    const flood = 'yes 0123456789abcdef | head -c 100000000; exit 1';
    const result = await run(shell(flood, { maxOutputBytes: 17 * 3 }));
    expect(result).toMatchObject({
      verdict: 'fail',
      detail: 'exit code 1',
      violations: [{ message: '0123456789abcdef' }, {}, {}],
    });
    expect(told(await run(shell(flood, { maxOutputBytes: 0 })))).toEqual(['it printed nothing']);
  });

  test('is an error where the checkout cannot be made, or not be removed', async () => {
    const subject = subjectOf(FILES);
    const noRoom = { ...subject, checkOut: () => Promise.reject(new Error('no room\x1b[0m')) };
    expect(await runGate(shell('exit 0'), noRoom)).toMatchObject({ verdict: 'error', detail: 'no room\\u{1b}[0m' });
    const stays = {
      ...subject,
      checkOut: async () => ({ directory: scratch, remove: () => Promise.reject(new Error('cannot remove it')) }),
    };
    expect(await runGate(shell('exit 0'), stays)).toMatchObject({ verdict: 'error', detail: 'cannot remove it' });
  });
});
