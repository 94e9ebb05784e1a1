import { StringDecoder } from 'node:string_decoder';
import { escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Io } from './io.ts';

/** Asks the person at the terminal. Questions go to standard error. */
export interface Prompt {
  /** Whether there is a person to ask: standard input and standard error are terminals. */
  readonly available: boolean;
  /**
   * Asks whether to go on; anything but `y` and `yes` is no.
   *
   * @param flag - what to type instead of answering, for the hint
   * @throws {SnapshotError} of kind `usage` if nobody is there, `interrupted` on Ctrl-C
   */
  confirm(question: string, flag: string): Promise<boolean>;
  /**
   * Asks for a passphrase without showing it.
   *
   * @param again - ask twice, for a new one, until both agree
   * @throws {SnapshotError} of kind `usage` if nobody is there, `interrupted` on Ctrl-C
   */
  passphrase(question: string, options?: { again: boolean }): Promise<string>;
}

/** A prompt on the streams of the program. `pause` is called before each question, to clear a progress bar. */
export function createPrompt(io: Io, pause: () => void): Prompt {
  // Asked late: to look at standard input takes node some milliseconds.
  const isAvailable = () => io.stdin.isTTY === true && io.stderr.isTTY === true;

  async function ask(question: string, echo: boolean): Promise<string> {
    pause();
    io.stderr.write(escapeText(question));
    let answer: string | undefined;
    try {
      answer = await readLine(io, echo);
      return answer;
    } finally {
      // Where the terminal has shown no end of line itself.
      if (!echo || answer === undefined) io.stderr.write('\n');
    }
  }

  return {
    get available() {
      return isAvailable();
    },
    async confirm(question, flag) {
      if (!isAvailable())
        throw new SnapshotError('usage', 'cannot ask for confirmation: not on a terminal', {
          hint: `Pass ${flag} to go ahead without being asked.`,
        });
      const answer = await ask(`${question} [y/N] `, true);
      return /^y(es)?$/i.test(answer.trim());
    },
    async passphrase(question, { again } = { again: false }) {
      if (!isAvailable()) {
        throw new SnapshotError('usage', 'cannot ask for a passphrase: not on a terminal', {
          hint: 'Set GIT_SNAPSHOT_PASSPHRASE, or use a key that has none.',
        });
      }
      for (;;) {
        const passphrase = await ask(`${question}: `, false);
        if (!again || (await ask(`${question} (again): `, false)) === passphrase) return passphrase;
        io.stderr.write('They differ, try once more.\n');
      }
    },
  };
}

const CONTROL = { interrupt: '\u0003', end: '\u0004', erase: '\u007f', backspace: '\b', eraseLine: '\u0015' };

/** Reads a line. Without echo the terminal is raw, so the keys that edit and interrupt are handled here. */
function readLine({ stdin }: Io, echo: boolean): Promise<string> {
  const decoder = new StringDecoder('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (settle: () => void) => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      if (!echo) stdin.setRawMode?.(false);
      stdin.pause();
      settle();
    };
    const onEnd = () => finish(() => reject(new SnapshotError('interrupted', 'no answer: end of input')));
    const onData = (chunk: string | Uint8Array) => {
      for (const key of typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))) {
        if (key === '\n' || key === '\r') return finish(() => resolve(typed));
        if (!echo && key === CONTROL.interrupt)
          return finish(() => reject(new SnapshotError('interrupted', 'interrupted')));
        if (!echo && key === CONTROL.end) return onEnd();
        if (!echo && (key === CONTROL.erase || key === CONTROL.backspace)) typed = [...typed].slice(0, -1).join('');
        else if (!echo && key === CONTROL.eraseLine) typed = '';
        else typed += key;
      }
    };
    if (!echo) stdin.setRawMode?.(true);
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}
