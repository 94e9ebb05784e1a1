/** First in, first out. An array's own shift() takes longer the longer the array is. */
export class Queue<Item> {
  #items: Item[] = [];
  #taken = 0;

  add(items: readonly Item[]): void {
    this.#items = this.drain().concat(items);
  }

  front(): Item | undefined {
    return this.#items[this.#taken];
  }

  take(): void {
    this.#taken++;
    if (this.#taken === this.#items.length) this.drain();
  }

  /** Empties the queue, and gives what was in it. */
  drain(): Item[] {
    const left = this.#taken === 0 ? this.#items : this.#items.slice(this.#taken);
    this.#items = [];
    this.#taken = 0;
    return left;
  }
}
