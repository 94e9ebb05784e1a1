import type { ByteString } from '../byte-string.ts';
import type { BytePath, Entry } from '../entry.ts';
import type { Gate } from '../policy/gate-schema.ts';
import type { Label } from '../snapshot/label.ts';

/** What gates look at: a snapshot that was verified, every byte of it, or what is to become one. */
export interface GateSubject {
  readonly set: string;
  /** SHA-256 of the manifest: it stands for all content. */
  readonly manifest: string;
  readonly labels: readonly Label[];
  /** Sorted by path. */
  readonly entries: readonly Entry[];
  /** The checks that were made before gates run, for the gates that are about them. */
  readonly checks: readonly { readonly check: string; readonly ok: boolean; readonly detail: string }[];
  /** What the log tells of rehearsals of the set that passed, newest first; none of what is no snapshot yet. */
  readonly rehearsals: readonly PassedRehearsal[];
  /** How old such a rehearsal may be where the gate does not say: a duration of the policy. */
  readonly maxRehearsalAge: string;
  /** Content of a file (of a link: its target). @throws {SnapshotError} if it is larger than `maxBytes` */
  read(path: BytePath, maxBytes: number): Promise<ByteString>;
  /** Puts all of it into a directory of its own, which may only be read. */
  checkOut(): Promise<{ readonly directory: string; remove(): Promise<void> }>;
}

/** A rehearsal that passed, by the log. */
export interface PassedRehearsal {
  /** Number of its event. */
  readonly seq: number;
  readonly ageSec: number;
  /** Whether it was of this very snapshot. */
  readonly isOfThis: boolean;
}

/** Something that a gate found wrong. */
export interface GateViolation {
  /** In the set; undefined: it is about the snapshot as a whole. */
  readonly path: BytePath | undefined;
  /** JSON pointer into the file, where it is about a part. */
  readonly pointer: string | undefined;
  readonly message: string;
}

/** What a gate says. `error`: it could not tell, which is never a pass. */
export interface GateResult {
  readonly verdict: 'pass' | 'fail' | 'error';
  /** One line for people. */
  readonly detail: string;
  /** The first of them, at most {@link MAX_VIOLATIONS}. */
  readonly violations: readonly GateViolation[];
  /** Canonical text of what it looked at: its configuration and the digests of its inputs. Its SHA-256 is the evidence. */
  readonly evidence: string;
}

/** More than these are counted, not listed. */
export const MAX_VIOLATIONS = 100;

/** A gate by its name in the policy. */
export interface NamedGate {
  readonly name: string;
  readonly gate: Gate;
}

/** Runs gates. */
export interface GateRunner {
  /**
   * Runs one gate. Whatever goes wrong in it is its verdict `error`, and not thrown.
   *
   * @param schemas - the JSON Schemas of the policy, by name
   */
  run(gate: NamedGate, subject: GateSubject, schemas: ReadonlyMap<string, ByteString>): Promise<GateResult>;
  /** Why no gate could use a JSON Schema, in one line; undefined where it can be used. */
  schemaFault(schema: ByteString): Promise<string | undefined>;
}
