/**
 * Verification without git and without node: in a browser, or wherever a file system can be had.
 *
 * ```ts
 * const verifier = await openVerifier({ fs, dir: '/models', trustRoot: 'sha256:…' });
 * const { ok, results } = await verifier.verify({ all: true });
 * ```
 */
import { SnapshotError } from './core/errors.ts';
import type { GitStore, ObjectReader, ProgressReporter } from './core/ports.ts';
import type { Verifying } from './flows/context.ts';
import type { VerifyResult } from './flows/results.ts';
import { verifySnapshots } from './flows/verify/verify-snapshots.ts';
import { portableDigest } from './portable/digest.ts';
import type { PortableFileSystem } from './portable/file-system.ts';
import { openIsomorphicStore } from './portable/isomorphic-store.ts';
import type { RepositoryPlace } from './portable/open-repository.ts';
import { portableVerifier } from './portable/verify-signatures.ts';

export type { ErrorKind } from './core/errors.ts';
export { MalformedError, MissingObjectError, SnapshotError } from './core/errors.ts';
export type { VerifyResult } from './flows/results.ts';
export type { PortableFileSystem } from './portable/file-system.ts';
export type { RepositoryPlace } from './portable/open-repository.ts';

/** How to open a repository for verification. */
export type VerifierOptions = RepositoryPlace & {
  /** `node:fs`, or a file system of the browser with promises, such as LightningFS. Only read. */
  readonly fs: PortableFileSystem;
  /** Digest of version 1 of the policy, from someone you trust: `sha256:` and 64 digits. Never from the repository itself. */
  readonly trustRoot: string;
  readonly progress?: ProgressReporter;
  /** Told what a person might want to know beside the result. */
  readonly note?: (text: string) => void;
  /** The clock, in milliseconds since the epoch. Default: the system's. */
  readonly nowMs?: () => number;
};

/** What to verify: everything, or the snapshots that selectors name. */
export type VerifyRequest = ({ readonly all: true } | { readonly snapshots: readonly string[] }) & {
  readonly set?: string;
  /** Only what the tags and the log say; no content is read. */
  readonly quick?: boolean;
};

/** A repository that was opened. */
export interface Verifier {
  /** @throws {SnapshotError} where nothing can be told, as against told to be wrong: that is in the result */
  verify(request: VerifyRequest): Promise<VerifyResult>;
}

/**
 * Opens a repository to verify its snapshots, by the code that `git snapshot verify` runs.
 *
 * What it cannot read without git is refused by name: objects named by SHA-256, reftables, linked working trees, alternates,
 * partial clones. Nothing is remembered from one call to the next.
 *
 * @throws {SnapshotError}
 */
export async function openVerifier(options: VerifierOptions): Promise<Verifier> {
  const { fs, trustRoot, progress, note = () => {}, nowMs = Date.now } = options;
  if (!/^sha256:[0-9a-f]{64}$/.test(trustRoot)) {
    throw new SnapshotError('config', 'the trust root is not a digest of the form "sha256:" and 64 digits', {
      hint: 'Give the digest that whoever set the repository up tells you.',
    });
  }
  const context = readOnlyContext(await openIsomorphicStore(fs, options), {
    trustRoot,
    report: progress ?? { phase: () => () => {} },
    note,
    nowMs,
  });
  return {
    verify: (request) =>
      verifySnapshots(context, {
        all: 'all' in request && request.all,
        snapshots: 'snapshots' in request ? request.snapshots : [],
        set: request.set,
        quick: request.quick ?? false,
      }),
  };
}

/** All that verifying takes. What changes anything, or looks at a working tree, is not there. */
function readOnlyContext(
  reader: ObjectReader,
  given: Pick<Verifying, 'report' | 'note'> & { readonly trustRoot: string; readonly nowMs: () => number },
): Verifying {
  const { trustRoot, nowMs, report, note } = given;
  const nothing = async () => undefined;
  return {
    report,
    note,
    store: readOnlyStore(reader),
    digest: portableDigest,
    nowMs,
    verifier: async () => portableVerifier({ nowSec: () => Math.floor(nowMs() / 1000) }),
    trust: {
      read: async () => trustRoot,
      readPin: nothing,
      recall: nothing,
      remember: async () => {},
      recallEvents: nothing,
      rememberEvents: async () => {},
      repositoryOfClone: nothing,
      pin: refuse,
      place: undefined,
      forget: refuse,
    },
    // There is no directory to compare with, as in a bare repository.
    isBare: true,
    confirm: undefined,
    workdir: refuse,
  };
}

function readOnlyStore(reader: ObjectReader): GitStore {
  return {
    format: reader.format,
    readObject: (oid) => reader.readObject(oid),
    readObjects: (oids) => reader.readObjects(oids),
    describeObjects: (oids) => reader.describeObjects(oids),
    digestBlobs: (oids, progress) => reader.digestBlobs(oids, progress),
    listRefs: (prefix) => reader.listRefs(prefix),
    readRef: (name) => reader.readRef(name),
    listChain: (tip) => reader.listChain(tip),
    listChainAfter: (tip, after) => reader.listChainAfter(tip, after),
    close: async () => {},
    writeObjects: refuse,
    beginIngest: refuse,
    restoreBlobs: refuse,
    updateRefs: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Error('verification only reads');
}
