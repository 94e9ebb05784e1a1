/** What is kept free for the lines that say what was left out. */
const RESERVE_BYTES = 200;

/** Blocks of text with blank lines between, never longer than was said. */
export class BoundedText {
  readonly #maxBytes: number;
  readonly #command: string;
  #usedBytes = 0;
  #isFull = false;
  readonly #blocks: string[] = [];

  /**
   * @param options.maxBytes - of UTF-8, with the last line feed
   * @param options.command - shows what does not fit
   */
  constructor({ maxBytes, command }: { maxBytes: number; command: string }) {
    this.#maxBytes = maxBytes;
    this.#command = command;
  }

  /** Adds a block; one that does not fit is left out, and that is said once. */
  add(block: string): void {
    if (this.#fits(block)) this.#put(block);
    else this.#sayFull();
  }

  /**
   * Adds one block for each of these, of its forms the first that fits, until one has none that does. None is made before.
   *
   * @param rest - says how many were left out
   */
  addEach(blocks: readonly (() => readonly string[])[], rest: (left: number) => string): void {
    for (const [i, forms] of blocks.entries()) {
      const form = forms().find((text) => this.#fits(text));
      if (form !== undefined) {
        this.#put(form);
        continue;
      }
      const line = rest(blocks.length - i);
      if (this.#fits(line, 0)) this.#put(line);
      return;
    }
  }

  get text(): string {
    return `${this.#blocks.join('\n\n')}\n`;
  }

  #fits(block: string, reserveBytes = RESERVE_BYTES): boolean {
    return this.#usedBytes + utf8Length(block) + 2 + reserveBytes <= this.#maxBytes;
  }

  #put(block: string): void {
    this.#blocks.push(block);
    this.#usedBytes += utf8Length(block) + 2;
  }

  #sayFull(): void {
    const line = `… more than fits here; see "${this.#command}"`;
    if (!this.#isFull && this.#fits(line, RESERVE_BYTES / 2)) this.#put(line);
    this.#isFull = true;
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
