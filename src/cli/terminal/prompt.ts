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
      const { readLine } = await import('./read-line.ts');
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
