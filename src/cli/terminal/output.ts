import { styleText } from 'node:util';
import { escapeText } from '../../core/byte-string.ts';
import type { Io } from './io.ts';

/** What a piece of output means. The colours are chosen here alone. */
export type Tone = 'plain' | 'dim' | 'strong' | 'good' | 'bad' | 'added' | 'removed' | 'changed';

const FORMATS = {
  dim: 'dim',
  strong: 'bold',
  good: 'green',
  bad: 'red',
  added: 'green',
  removed: 'red',
  changed: 'yellow',
} as const;

/** Colours a piece of text, or does not. */
export interface Painter {
  tone(tone: Tone, text: string): string;
}

/** For where there are no colours. */
export const PLAIN: Painter = { tone: (_tone, text) => text };

/** How a command was asked to print. */
export interface OutputSettings {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly noColor: boolean;
}

/**
 * Prints: the result on standard output, chatter on standard error.
 *
 * Text that comes from a repository must have gone through `escapeText` or `displayBytes`: nothing is escaped here
 * but chatter, since colours are control characters too.
 */
export class Output implements Painter {
  readonly settings: OutputSettings;
  /** Width of the terminal that the result goes to; undefined where it goes to a file or a program. */
  readonly widthCells: number | undefined;
  readonly #io: Io;
  readonly #colour: boolean;
  #notes: string[] = [];
  #advice: string[] = [];

  constructor(io: Io, settings: OutputSettings) {
    this.settings = settings;
    this.#io = io;
    this.widthCells = io.stdout.isTTY ? (io.stdout.columns ?? 80) : undefined;
    this.#colour = io.stdout.isTTY === true && !settings.noColor && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb';
  }

  /** Prints a line of the result. */
  line(text = ''): void {
    this.#io.stdout.write(`${text}\n`);
  }

  /** Prints lines of the result in one write: a hundred thousand small ones take seconds. */
  lines(texts: readonly string[]): void {
    // With the last line feed from the join, or it would be put together twice.
    if (texts.length > 0) this.#io.stdout.write(texts.concat('').join('\n'));
  }

  /** Prints bytes of the result as they are. */
  bytes(bytes: Uint8Array): void {
    this.#io.stdout.write(bytes);
  }

  /** Prints the one document of `--json`. */
  json(document: unknown): void {
    this.line(jsonText(document));
  }

  /** Prints a line of chatter; nothing under `--quiet`. Under `--json` it is held back: the document of an error has it. */
  note(text: string): void {
    if (this.settings.quiet) return;
    if (this.settings.json) this.#notes.push(escapeText(text));
    else this.#io.stderr.write(`${escapeText(text)}\n`);
  }

  /** Holds back a hint until the result is printed, however often it is given; nothing under `--quiet`. */
  advise(text: string): void {
    const line = `hint: ${escapeText(text)}`;
    if (!this.settings.quiet && !this.#advice.includes(line)) this.#advice.push(line);
  }

  /** Prints the notes that were held back: somebody is asked who has to know them. */
  releaseNotes(): void {
    for (const line of this.#notes.splice(0)) this.#io.stderr.write(`${line}\n`);
  }

  /** Prints all that was held back, hints last: the result is printed, or will not be. */
  releaseAll(): void {
    for (const line of this.takeAll()) this.#io.stderr.write(`${line}\n`);
  }

  /** What was held back, which is not held any longer. */
  takeAll(): string[] {
    return [...this.#notes.splice(0), ...this.#advice.splice(0)];
  }

  /** Text in a colour, where the result goes to a terminal that may have colours. */
  tone(tone: Tone, text: string): string {
    // styleText looks at the terminal by itself, and at the wrong one: ours is handed in.
    return this.#colour && tone !== 'plain' ? styleText(FORMATS[tone], text, { validateStream: false }) : text;
  }
}

/** JSON on one line, with every character that could mislead a terminal as an escape. */
export function jsonText(document: unknown): string {
  // Such characters can stand only in strings, where JSON allows the escape. In UTF-16 units, as JSON has them.
  return JSON.stringify(document).replace(/[^\n -~]+/g, (text) =>
    escapeText(text) === text
      ? text
      : text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
