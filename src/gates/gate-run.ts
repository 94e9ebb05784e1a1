import type { ByteString } from '../core/byte-string.ts';
import type { Json } from '../core/canonical-json.ts';
import type { GateSubject } from '../core/gates/port.ts';
import type { Gate } from '../core/policy/gate-schema.ts';
import type { Findings } from './findings.ts';

/** What gates have from outside. */
export interface GateServices {
  /** The environment from which commands get the variables that they may see. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @returns 64 lower-case hexadecimal digits */
  readonly sha256: (bytes: ByteString) => string;
  /** The built script of `json-schema/schema-worker.ts`. */
  readonly schemaWorkerFile: string | URL;
}

/** One run of a gate of type `Type`. */
export interface GateRun<Type extends Gate['type']> {
  readonly gate: Extract<Gate, { type: Type }>;
  readonly subject: GateSubject;
  readonly schemas: ReadonlyMap<string, ByteString>;
  readonly services: GateServices;
  /** Set off when time is up: whatever was started must end then. */
  readonly signal: AbortSignal;
  /** To be called in loops, which no timer can interrupt. @throws {OutOfTimeError} */
  readonly checkTime: () => void;
}

/**
 * What a gate came to. It passes if nothing was found and there is no error. That it could not tell is thrown, as a
 * `SnapshotError` of kind `gate`, or is `error` where there is something to be shown with it.
 */
export interface GateAnswer {
  readonly findings: Findings;
  /** What was looked at, for a person: `3 files`. The detail of a pass. */
  readonly looked: string;
  /** Digests of what was looked at, besides the manifest. */
  readonly inputs: { readonly [name: string]: Json };
  /** The detail of a fail, where the number of findings says nothing. */
  readonly failed?: string;
  /** The detail of an error. */
  readonly error?: string;
}

/** Time is up. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}
