import type { SnapshotName } from '../retention/ledger.ts';

/** A promotion's place and tag, where its own are no longer what they were. */
export interface MovedPromotion {
  readonly number: number;
  readonly payload: string;
}

/** What became of names in events that were put on top of others': by what was signed, which is what later events point to. */
export class MovedNames {
  readonly #snapshots = new Map<string, SnapshotName>();
  readonly #tags = new Map<SnapshotName['tag'], SnapshotName['tag']>();
  readonly #promotions = new Map<string, MovedPromotion>();
  readonly #holds = new Map<string, string>();

  /** Old tags of snapshots, and those that they were signed anew as. */
  get tags(): ReadonlyMap<SnapshotName['tag'], SnapshotName['tag']> {
    return this.#tags;
  }

  moveSnapshot(from: SnapshotName, to: SnapshotName): void {
    this.#snapshots.set(from.payload, to);
    this.#tags.set(from.tag, to.tag);
  }

  /** The snapshot as it is called now. */
  snapshot<Name extends SnapshotName>(name: Name): Name {
    return { ...name, ...this.#snapshots.get(name.payload) };
  }

  movePromotion(payload: string, to: MovedPromotion): void {
    this.#promotions.set(payload, to);
  }

  promotion(payload: string): MovedPromotion | undefined {
    return this.#promotions.get(payload);
  }

  moveHold(payload: string, to: string): void {
    this.#holds.set(payload, to);
  }

  hold(payload: string): string {
    return this.#holds.get(payload) ?? payload;
  }
}
