import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { parentOf } from '../../core/rollback/check-target.ts';
import type { FileStat } from '../../core/workdir.ts';
import { isDirectory, lstat } from './disk.ts';

/** Sees to it that every directory that a step works in is one, and no link to somewhere else. */
export class Parents {
  readonly #root: ByteString;
  readonly #kind: 'conflict' | 'unfinished';
  /** Directories that were reached through directories only. */
  readonly #seen = new Map<BytePath, Pick<FileStat, 'dev' | 'ino'>>();

  /** @param kind - of the errors */
  constructor(root: ByteString, kind: 'conflict' | 'unfinished') {
    this.#root = root;
    this.#kind = kind;
  }

  /**
   * Looks at the directories above `path`; to be called right before each step, since another program can put a link in
   * their place at any time. One look is enough while it leads to the directory that was found before.
   *
   * @throws {SnapshotError}
   */
  check(path: BytePath): void {
    const parent = parentOf(path);
    const now = lstat(this.#full(parent));
    const before = this.#seen.get(parent);
    if (isDirectory(now) && before !== undefined && now?.ino === before.ino && now.dev === before.dev) return;
    this.#walk(parent);
  }

  #walk(dir: BytePath): void {
    if (dir !== '') this.#walk(parentOf(dir));
    const stat = lstat(this.#full(dir));
    // One that is not there leads nowhere.
    if (stat === undefined) return;
    if (isDirectory(stat)) {
      this.#seen.set(dir, { dev: stat.dev, ino: stat.ino });
      return;
    }
    throw new SnapshotError(this.#kind, `'${displayBytes(dir === '' ? this.#root : dir)}' is no longer a directory`, {
      hint: 'Something else changed it. Put it back, then run the command again.',
    });
  }

  #full(dir: BytePath): ByteString {
    return dir === '' ? this.#root : `${this.#root}/${dir}`;
  }
}
