import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import type { BytePath } from '../../core/entry.ts';
import type { Journal, JournalStep } from '../../core/rollback/journal.ts';
import { at, isDirectory, lstat, removeIfEmpty, removeIfThere } from './disk.ts';
import { freshPath } from './fresh-path.ts';
import { holdsBlob } from './holds-blob.ts';
import { sameContent } from './marks.ts';
import type { Rescue } from './rescue.ts';
import { linkOrCopy, moveTree, moveWhereNothingIs, putCopy } from './tree.ts';

type Step<K extends JournalStep['kind']> = Extract<JournalStep, { kind: K }>;

/**
 * The steps of a journal, each forth and back.
 *
 * What to do is read from the disk each time, never from a note of what was done: `new/<n>` is there as long as the new
 * content is not in the directory, and `old/<n>` as soon as the old one may go. A file that is moved into the directory
 * has both names for a moment, so two names of one file mean that it was. So every step can be stopped anywhere,
 * repeated, and turned round. The old file of a `replace` gets a second name before the first is taken by the new one.
 */
export class Moves {
  readonly #journal: Journal;
  readonly #rescue: Rescue;

  constructor(journal: Journal, rescue: Rescue) {
    this.#journal = journal;
    this.#rescue = rescue;
  }

  /** Makes the directory itself, if it was not there. */
  makeRoot(): void {
    for (const dir of this.#journal.madeDirs) if (lstat(dir) === undefined) mkdirSync(at(dir));
  }

  /** Undoes {@link makeRoot}, save where something is in it that is not ours. */
  unmakeRoot(): void {
    for (const dir of this.#journal.madeDirs.toReversed()) if (!removeIfEmpty(dir)) return;
  }

  /** Gives the old file of a `replace` its second name. */
  save(step: JournalStep, n: number): void {
    if (step.kind !== 'replace') return;
    const { live, fresh, old } = this.#places(step, n);
    const there = lstat(live);
    if (there === undefined || lstat(old) !== undefined || lstat(fresh) === undefined) return;
    if (isDirectory(there)) this.#rescue.moveAside(live, step.path);
    else linkOrCopy(live, old);
  }

  forth(step: JournalStep, n: number): void {
    if (step.kind === 'remove') this.#remove(step, n);
    else if (step.kind === 'create') this.#create(step, n);
    else if (step.kind === 'replace') this.#replace(step, n);
    else this.#setPermissions(step, step.to);
  }

  back(step: JournalStep, n: number): void {
    if (step.kind === 'remove') this.#putBack(step, n);
    else if (step.kind === 'create') this.#takeBack(step, n);
    else if (step.kind === 'replace') this.#replaceBack(step, n);
    else this.#setPermissions(step, step.from);
  }

  #remove(step: Step<'remove'>, n: number): void {
    const { live, old } = this.#places(step, n);
    const there = lstat(live);
    if (there === undefined) return;
    const saved = lstat(old);
    // Two names of one file, after a way back that was cut short.
    if (saved !== undefined && !isDirectory(saved) && saved.ino === there.ino) {
      removeIfThere(old);
      this.#move(live, old);
      return;
    }
    // With the old thing saved, what stands here is its successor, unless both are halves of one directory.
    if (saved === undefined || (isDirectory(saved) && isDirectory(there))) this.#move(live, old);
  }

  #putBack(step: Step<'remove'>, n: number): void {
    const { live, old } = this.#places(step, n);
    this.#put(old, live, step.path);
  }

  #create(step: Step<'create'>, n: number): void {
    const { live, fresh } = this.#places(step, n);
    this.#put(fresh, live, step.path);
  }

  #takeBack(step: Step<'create'>, n: number): void {
    const { live, fresh } = this.#places(step, n);
    const there = lstat(live);
    if (there === undefined) return;
    const staged = lstat(fresh);
    // Two names of one file, after a way forth that was cut short.
    if (staged !== undefined && !isDirectory(staged) && staged.ino === there.ino) {
      removeIfThere(fresh);
      this.#move(live, fresh);
      return;
    }
    // While the new thing is staged, what stands here is its predecessor, unless both are halves of one directory.
    if (staged === undefined || (isDirectory(staged) && isDirectory(there))) this.#move(live, fresh);
  }

  #replace(step: Step<'replace'>, n: number): void {
    const { live, fresh, old } = this.#places(step, n);
    const staged = lstat(fresh);
    if (staged === undefined) return;
    const there = lstat(live);
    const isSaved = there !== undefined && (there.ino === staged.ino || there.ino === lstat(old)?.ino);
    const isNew = there !== undefined && sameContent(step.mark, there);
    if (there === undefined || isDirectory(there) || !(isSaved || isNew || holdsBlob(live, step.oid))) {
      // Somebody puts other files here, or wrote to ours after it was copied. Were the new one put over it, the next of
      // theirs, which may be there by now, would be lost; so the path has no file for a moment.
      this.#put(fresh, live, step.path);
      return;
    }
    // The path must not be without a file, so the new one replaces what is there, right after a look at it says that
    // this is kept elsewhere. Node has no exchange of two names, which would need no such look.
    renameSync(at(fresh), at(live));
    // Two names of one file, after a way back that was cut short: rename(2) then leaves both.
    removeIfThere(fresh);
  }

  #replaceBack(step: Step<'replace'>, n: number): void {
    const { live, fresh, old } = this.#places(step, n);
    const saved = lstat(old);
    const staged = lstat(fresh);
    let there = lstat(live);
    if (saved === undefined) {
      // There was nothing to save. What is not ours is then among what is rescued.
      if (staged === undefined && there !== undefined && !isDirectory(there)) this.#move(live, fresh);
      return;
    }
    if (isDirectory(there)) {
      this.#rescue.moveAside(live, step.path);
      there = undefined;
    }
    if (staged === undefined) {
      // Kept, so that the way forth stays open.
      if (there !== undefined) linkOrCopy(live, fresh);
      putCopy(old, live);
    } else if (there === undefined || there.ino === staged.ino) putCopy(old, live);
    else if (there.ino !== saved.ino && there.ino !== step.was.ino && !sameContent(step.was, there)) {
      if (!sameContent(step.mark, there)) this.#rescue.moveAside(live, step.path);
      putCopy(old, live);
    }
  }

  #setPermissions(step: Step<'chmod'>, permissions: number): void {
    const { live } = this.#places(step, 0);
    const there = lstat(live);
    // Another file than the one that was to be changed is somebody else's.
    if (there?.ino === step.mark.ino && (there.mode & 0o7777) !== permissions) chmodSync(at(live), permissions);
  }

  /** Moves a thing of ours into the set, and what is in its way out of it. */
  #put(from: string, live: string, path: BytePath): void {
    const ours = lstat(from);
    if (ours === undefined) return;
    if (isDirectory(ours)) {
      const there = lstat(live);
      if (there !== undefined && !isDirectory(there)) this.#rescue.moveAside(live, path);
      this.#move(from, live);
      return;
    }
    while (!moveWhereNothingIs(from, live)) {
      if (lstat(live)?.ino !== ours.ino) this.#rescue.moveAside(live, path);
      else {
        // Two names of one file, after this was cut short.
        removeIfThere(from);
        return;
      }
    }
  }

  #move(from: string, to: string): void {
    const { root } = this.#journal;
    moveTree(from, to, (path) => {
      const n = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path.slice(path.lastIndexOf('/') + 1);
      this.#rescue.moveAside(path, n);
    });
  }

  #places({ path }: JournalStep, n: number): { live: string; fresh: string; old: string } {
    const { root, staging } = this.#journal;
    return { live: `${root}/${path}`, fresh: freshPath(staging, n), old: `${staging}/old/${n}` };
  }
}
