import { escapeText } from '../core/byte-string.ts';
import type { BytePath } from '../core/entry.ts';
import { type GateViolation, MAX_VIOLATIONS } from '../core/gates/port.ts';

// What is quoted from content can be as long as the content.
const MAX_MESSAGE_LENGTH = 500;

/** Where something was found. */
interface Place {
  /** Undefined: it is about the snapshot as a whole. */
  readonly path?: BytePath | undefined;
  /** JSON pointer into the file. */
  readonly pointer?: string | undefined;
}

/** The violations of one run: the first are kept, all are counted. */
export class Findings {
  readonly #kept: GateViolation[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** At most {@link MAX_VIOLATIONS}, in the order in which they were found. */
  get kept(): readonly GateViolation[] {
    return this.#kept;
  }

  /** @param message - quotes what it likes: it is escaped and cut here */
  add(message: string, { path, pointer }: Place = {}): void {
    this.#total += 1;
    if (this.#kept.length < MAX_VIOLATIONS) {
      const shown = pointer === undefined ? undefined : shortText(pointer);
      this.#kept.push({ path, pointer: shown, message: shortText(message) });
    }
  }

  /** Counts more, of which there is nothing but the number. */
  addUnlisted(count: number): void {
    this.#total += count;
  }

  /** How many there are. */
  summary(): string {
    return count(this.#total, 'violation');
  }
}

/** Text that may be shown, in one line, and not too long. */
export function shortText(text: string): string {
  const line = escapeText(text.slice(0, MAX_MESSAGE_LENGTH));
  return text.length > MAX_MESSAGE_LENGTH ? `${line}…` : line;
}

/** `1 file`, `2 files`. */
export function count(number: number, one: string): string {
  return `${number} ${number === 1 ? one : `${one}s`}`;
}
