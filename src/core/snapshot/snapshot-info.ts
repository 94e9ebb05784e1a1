import type { BytePath } from '../entry.ts';
import type { Oid } from '../oid.ts';

/** What tables show of a snapshot. Read from its tag alone, and believed. */
export interface SnapshotSummary {
  readonly set: string;
  readonly id: string;
  readonly ref: string;
  readonly tag: Oid;
  readonly files: number;
  readonly bytes: number;
  readonly takenAtSec: number;
  readonly message: string;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
}

/** A snapshot as its tag describes it. Read from the tag alone: what `verify` finds says whether to believe it. */
export interface SnapshotInfo extends SnapshotSummary {
  readonly tree: Oid;
  /** `sha256:…` of the signed bytes: the snapshot's identity. */
  readonly payload: string;
  /** `sha256:…` of the manifest. */
  readonly manifest: string;
  readonly tagger: { readonly name: string; readonly email: string };
  readonly body: string | undefined;
  readonly path: BytePath;
  readonly context: readonly { readonly name: string; readonly value: string }[];
  readonly source: { readonly commit: string; readonly dirty: boolean } | undefined;
  readonly previous: string | undefined;
  readonly policy: { readonly version: number; readonly digest: string };
}
