import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';

const MAX_LISTED = 20;

/** Gathers what cannot be in a snapshot, so that a user hears of all of it at once. */
export class Refusals {
  readonly #listed: string[] = [];
  #count = 0;

  /** @param reason - a noun phrase: "a socket", "a name with …" */
  add(path: BytePath, reason: string): void {
    this.#count++;
    if (this.#listed.length < MAX_LISTED) this.#listed.push(`${displayBytes(path === '' ? '.' : path)}: ${reason}`);
  }

  /** @throws {SnapshotError} of kind `config` if there is any */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const rest = this.#count - this.#listed.length;
    const lines = rest > 0 ? [...this.#listed, `and ${rest} more`] : this.#listed;
    throw new SnapshotError('config', `cannot take these into a snapshot:\n  ${lines.join('\n  ')}`, {
      hint: "Remove them, or leave them out with '.snapshotignore'.",
    });
  }
}
