import { quoteText } from '../byte-string.ts';
import type { Trailer } from './signed-tag.ts';

/**
 * Reads a tag's trailers in their fixed order.
 *
 * Whatever is missing, malformed, doubled or out of place goes to `fail`, which throws.
 */
export class TrailerReader {
  readonly #trailers: readonly Trailer[];
  readonly #fail: (reason: string) => never;
  #at = 0;

  constructor(trailers: readonly Trailer[], fail: (reason: string) => never) {
    this.#trailers = trailers;
    this.#fail = fail;
  }

  /** The value of the next trailer, which must have this key, and this form. */
  next(key: string, pattern?: RegExp): string {
    const trailer = this.#trailers[this.#at];
    if (trailer?.key !== key) return this.#fail(`expected the trailer '${key}'`);
    if (pattern !== undefined && !pattern.test(trailer.value)) return this.#fail(`the trailer '${key}' is malformed`);
    this.#at += 1;
    return trailer.value;
  }

  /** The same, of a whole number in its one spelling. */
  number(key: string): number {
    return Number(this.next(key, /^(0|[1-9][0-9]{0,14})$/));
  }

  /** All trailers that follow and match. */
  while(matches: (trailer: Trailer) => boolean): Trailer[] {
    const from = this.#at;
    for (let trailer = this.#trailers[this.#at]; trailer !== undefined && matches(trailer); )
      trailer = this.#trailers[++this.#at];
    return this.#trailers.slice(from, this.#at);
  }

  /** Nothing may follow. */
  end(): void {
    const trailer = this.#trailers[this.#at];
    if (trailer !== undefined) this.#fail(`the trailer ${quoteText(trailer.key)} is not expected here`);
  }
}
