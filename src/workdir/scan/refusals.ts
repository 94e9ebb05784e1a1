import { displayBytes } from '../../core/byte-string.ts';
import { type BytePath, comparePaths } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { UnfitHandling, UnfitPath } from '../../core/workdir.ts';

const MAX_LISTED = 20;

/** Gathers what cannot be in a snapshot, so that a user hears of all of it at once. */
export class Refusals {
  readonly #handling: UnfitHandling;
  readonly #refused: UnfitPath[] = [];
  readonly #left: UnfitPath[] = [];
  #isUnfit = false;
  #isUnreadable = false;

  constructor(handling: UnfitHandling) {
    this.#handling = handling;
  }

  /** What is not refused, once all is found, sorted by path: see {@link UnfitHandling}. */
  get left(): readonly UnfitPath[] {
    return this.#left.sort(comparePaths);
  }

  /** @param what - a noun phrase: "a socket", "a name with …" */
  add(path: BytePath, what: string): void {
    this.#isUnfit = true;
    (this.#handling === 'refuse' ? this.#refused : this.#left).push({ path, what });
  }

  /** Adds what nobody can tell whether it can be in a snapshot. @param what - as of {@link add} */
  addUnreadable(path: BytePath, what: string): void {
    this.#isUnreadable = true;
    // Of the root, nothing would be left to speak of.
    (this.#handling === 'leave-unread' && path !== '' ? this.#left : this.#refused).push({ path, what });
  }

  #way(): string {
    if (!this.#isUnreadable) return 'Move them away';
    return this.#isUnfit ? 'Move them away or check the permissions' : 'Check the permissions';
  }

  /** @throws {SnapshotError} of kind `config` if there is any that is refused */
  throwIfAny(): void {
    if (this.#refused.length === 0) return;
    const listed = this.#refused.slice(0, MAX_LISTED);
    const lines = listed.map(({ path, what }) => `${displayBytes(path === '' ? '.' : path)}: ${what}`);
    const rest = this.#refused.length - listed.length;
    if (rest > 0) lines.push(`and ${rest} more`);
    throw new SnapshotError('config', `cannot take these into a snapshot:\n  ${lines.join('\n  ')}`, {
      hint: `${this.#way()}, or leave them out with '.snapshotignore'.`,
    });
  }
}
