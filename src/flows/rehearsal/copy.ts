import { SnapshotError } from '../../core/errors.ts';
import type { Context, GovernedSet } from '../context.ts';
import { readGovernedRefs } from '../share/governed-refs.ts';
import type { SetContent } from '../snapshot/read-set.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import type { RehearsalTarget } from './choose-targets.ts';
import type { OpenScratch, Scratch } from './scratch.ts';
import type { CopyScene } from './there-and-back.ts';
import { goThere, holds } from './there-and-back.ts';

/** What a copy is made of. */
export interface CopySource {
  /** Of the real repository. */
  readonly ctx: Context;
  readonly openScratch: OpenScratch;
  readonly set: GovernedSet;
  /** What the directory holds. */
  readonly live: SetContent;
  /** Digest of the policy that all trust begins with. */
  readonly root: string;
  readonly health: CopyScene['health'];
  /** The snapshot of that; undefined: there is no directory. */
  readonly from: StoredSnapshot | undefined;
}

/** What a file takes on a disk beyond its content, at most: the rest of its last block, and its name. */
const FILE_OVERHEAD_BYTES = 8192;
/** Objects, refs and journals of the rehearsal itself. */
const OWN_BYTES = 16 * 1024 * 1024;

/**
 * The copy of the directory, in a scratch repository, for one snapshot after the other. It is made when it is first asked for,
 * and anew after something in it failed.
 *
 * Snapshots that begin with nothing come first: with the directory copied, that cannot be had again.
 */
export class LiveCopy {
  readonly #source: CopySource;
  readonly #emptyManifest: string;
  #scratch: Scratch | undefined;
  #isFilled = false;
  #copyMs: number | undefined;

  constructor(source: CopySource) {
    this.#source = source;
    this.#emptyManifest = source.ctx.digest.sha256('');
  }

  /** How long it took to make the copy, which is a rollback into an empty directory; undefined: none was made. */
  get copyMs(): number | undefined {
    return this.#copyMs;
  }

  /** A scene in which the copy is as it has to be before `target` is put into it. */
  async ready(target: RehearsalTarget): Promise<CopyScene> {
    const { set, from, health } = this.#source;
    const { environment } = target;
    this.#scratch ??= await this.#open(target);
    const scratch = this.#scratch;
    if (this.startOf(target) === 'empty' || from === undefined)
      return { scratch, set, health, environment, restingManifest: this.#emptyManifest };
    const scene = { scratch, set, health, environment, restingManifest: from.snapshot.manifest };
    if (!this.#isFilled) await this.#fill(scratch, scene, from);
    return scene;
  }

  /** With what the copy has to begin: there is nothing to be done where it is the wanted snapshot already. */
  startOf({ stored }: RehearsalTarget): 'copy' | 'empty' {
    const { from } = this.#source;
    return from === undefined || from.snapshot.manifest === stored.snapshot.manifest ? 'empty' : 'copy';
  }

  /** Removes it. */
  async drop(): Promise<void> {
    const scratch = this.#scratch;
    this.#scratch = undefined;
    this.#isFilled = false;
    await scratch?.close();
  }

  async #open({ stored }: RehearsalTarget): Promise<Scratch> {
    const { ctx, openScratch, live, root } = this.#source;
    const room = ({ bytes, files }: { readonly bytes: number; readonly files: number }) =>
      bytes + files * FILE_OVERHEAD_BYTES;
    const neededBytes = room(live) + room(stored.snapshot) + OWN_BYTES;
    return openScratch({ refs: await readGovernedRefs(ctx), root, neededBytes });
  }

  async #fill(scratch: Scratch, scene: CopyScene, from: StoredSnapshot): Promise<void> {
    const { set, live } = this.#source;
    const { durationMs } = await goThere({ ...scene, health: 'leave-out' }, from);
    scratch.standIn(set, live);
    if (!(await holds(scene, from.snapshot.manifest)))
      throw new SnapshotError('conflict', 'the copy of the directory is not what the directory is');
    this.#copyMs = Math.round(durationMs);
    this.#isFilled = true;
  }
}
