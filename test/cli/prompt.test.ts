import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../../src/cli/terminal/progress.ts';
import { createPrompt } from '../../src/cli/terminal/prompt.ts';

function terminal() {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => modes.push(on) });
  let shown = '';
  const stderr = { isTTY: true, columns: 40, write: (text: string | Uint8Array) => (shown += text) };
  const io = { cwd: '/', env: {}, stdin, stdout: stderr, stderr, now: () => 0 };
  return { io, stdin, modes, shown: () => shown };
}

describe('passphrase', () => {
  test('is not shown, and can be edited', async () => {
    const { io, stdin, modes, shown } = terminal();
    const answer = createPrompt(io, () => undefined).passphrase('Passphrase');
    stdin.write('wrong\u0015se');
    stdin.write(Buffer.from([0xc3]));
    stdin.write(Buffer.from([0xa9]));
    stdin.write('x\u007fcret\r');
    expect(await answer).toBe('seécret');
    expect(shown()).toBe('Passphrase: \n');
    expect(modes).toEqual([true, false]);
  });

  test('a new one is asked for until both agree', async () => {
    const { io, stdin, shown } = terminal();
    const answer = createPrompt(io, () => undefined).passphrase('New passphrase', { again: true });
    for (const typed of ['a\n', 'b\n', 'c\n', 'c\n']) {
      stdin.write(typed);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answer).toBe('c');
    expect(shown()).toContain('They differ');
  });

  test('Ctrl-C and the end of input interrupt, and leave the terminal as it was', async () => {
    for (const key of ['\u0003', '\u0004', undefined]) {
      const { io, stdin, modes, shown } = terminal();
      const answer = createPrompt(io, () => undefined).passphrase('Passphrase');
      if (key === undefined) stdin.end();
      else stdin.write(`abc${key}`);
      await expect(answer).rejects.toMatchObject({ kind: 'interrupted' });
      expect(modes).toEqual([true, false]);
      // What is printed next begins a line.
      expect(shown()).toBe('Passphrase: \n');
    }
  });

  test('where nobody is to be asked, the hint names the variable', async () => {
    const { io } = terminal();
    const prompt = createPrompt({ ...io, stdin: new PassThrough() }, () => undefined);
    await expect(prompt.passphrase('x')).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('GIT_SNAPSHOT_PASSPHRASE'),
    });
    await expect(prompt.confirm('x', '--yes')).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('--yes'),
    });
  });
});

describe('progress', () => {
  function run(isTTY: boolean, stepMs: number) {
    let shown = '';
    let nowMs = 0;
    const stderr = { isTTY, columns: 60, write: (text: string | Uint8Array) => (shown += text) };
    const bar = createProgress({ stderr, now: () => nowMs }, { quiet: false });
    const report = bar.phase('Storing files');
    for (let done = 0; done <= 10; done++) {
      nowMs += stepMs;
      report(done, 10);
    }
    bar.clear();
    return shown;
  }

  test('is drawn after half a second, and taken away', () => {
    const shown = run(true, 200);
    expect(shown.startsWith(`\r\u001b[KStoring files  [####${'.'.repeat(20)}]  20 %`)).toBe(true);
    expect(shown.endsWith('\r\u001b[K')).toBe(true);
    expect(shown.split('\r').every((line) => line.length < 64)).toBe(true);
  });

  test('is not drawn for short work, nor off a terminal', () => {
    expect(run(true, 20)).toBe('');
    expect(run(false, 200)).toBe('');
  });
});
