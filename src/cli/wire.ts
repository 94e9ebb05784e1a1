import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ByteString } from '../core/byte-string.ts';
import { displayBytes, utf8Decode, utf8Encode } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { once } from '../core/once.ts';
import type { PublicKey, Signer } from '../core/signing.ts';
import { type Message, parseMessage } from '../core/snapshot/message.ts';
import type { Context, GovernedSet, KeyChoice } from '../flows/context.ts';
import type { SnapshotInfo } from '../flows/results.ts';
import { nodeDigest } from '../git/digest.ts';
import { openGitStore } from '../git/git-store.ts';
import type { Repository } from '../git/open-repository.ts';
import { openRepository } from '../git/open-repository.ts';
import type { App, AppSettings, OpenApp } from './app.ts';
import type { Io } from './terminal/io.ts';

/** More threads than this wait for one another: one process writes the pack. */
const MAX_THREADS = 4;

/** Everything that the real program is made of. The only place where adapters are chosen. */
export const openApp: OpenApp = async (io, settings) => {
  const repository = await openRepository({ cwd: settings.directory, env: io.env });
  const ctx = createContext(io, settings, repository);
  return createApp(ctx, { repository, directory: settings.directory });
};

function createContext(io: Io, settings: AppSettings, repository: Repository): Context {
  const nowSec = () => Math.floor(io.now() / 1000);
  const configDir = userDirectory(io.env);
  const store = openGitStore(repository, {
    workerFile: new URL('../cli/object-worker.cjs', import.meta.url),
    threads: Math.min(availableParallelism(), MAX_THREADS),
    durability: async () => (await import('../git/repository-config.ts')).readDurability(repository),
  });
  const signingKeys = {
    configDir,
    env: io.env,
    nowSec,
    askPassphrase: async (prompt: string, { again }: { again: boolean }) =>
      io.env['GIT_SNAPSHOT_PASSPHRASE'] ?? settings.prompt.passphrase(prompt, { again }),
    gitSigning: async () => (await import('../git/repository-config.ts')).readGitSigning(repository),
  };
  return {
    store,
    digest: nodeDigest,
    verifier: once(async () => new (await import('../sign/openpgp/verify-openpgp.ts')).OpenPgpVerifier({ nowSec })),
    signer: eachOnce(async (keys) => (await import('../sign/signing-keys.ts')).findSigner(signingKeys, keys)),
    obtainKey: async (wanted, { passphrase }) => {
      const { committerIdentity } = await import('../git/repository-config.ts');
      const { obtainKey } = await import('../sign/signing-keys.ts');
      return obtainKey(signingKeys, { wanted, identity: await committerIdentity(repository), passphrase });
    },
    remotes: async () => (await (await import('../git/remotes.ts')).listRemotes(repository)).map(({ name }) => name),
    trust: {
      read: async (id) => {
        const given = io.env['GIT_SNAPSHOT_TRUST_ROOT'];
        if (given !== undefined && given !== '') return checkTrustRoot(given);
        return (await (await import('../sign/trust-store.ts')).readTrustPin(configDir, id))?.policy;
      },
      pin: async (id, policy) =>
        (await import('../sign/trust-store.ts')).writeTrustPin(configDir, id, { policy, pinnedAtSec: nowSec() }),
    },
    confirm: settings.prompt.available
      ? (question) => settings.prompt.confirm(question, 'GIT_SNAPSHOT_TRUST_ROOT')
      : undefined,
    workdir: async (set) => {
      const { openWorkdir } = await import('../workdir/open-workdir.ts');
      const { gitIndexScanner } = await import('../git/index-scanner.ts');
      return openWorkdir({
        root: rootOf(repository, set),
        cacheDir: `${repository.gitDir}/snapshot/cache/${set.name}`,
        exclude: set.exclude.map(utf8Encode),
        indexScanner: gitIndexScanner(repository),
        format: repository.format,
        nowMs: io.now,
      });
    },
    replacer: async (set) => {
      const { openDirectoryReplacer } = await import('../workdir/replace/directory-replacer.ts');
      return openDirectoryReplacer({ set: set.name, root: rootOf(repository, set), gitDir: repository.gitDir });
    },
    unfinishedSets: async () => {
      const { listJournals } = await import('../workdir/replace/list-journals.ts');
      return listJournals(repository.gitDir).map(({ set, root }) => setAt(repository, set, root));
    },
    isBare: repository.topLevel === null,
    identity: once(async () => (await import('../git/repository-config.ts')).committerIdentity(repository)),
    headState: async () => {
      try {
        return (await (await import('../git/head-state.ts')).headState(repository)) ?? undefined;
      } catch (error) {
        // It is worth knowing, but no reason to refuse a backup: git's index may be broken in an emergency.
        if (!(error instanceof SnapshotError) || error.kind !== 'git') throw error;
        settings.note(`warning: the snapshot will not say what was checked out: ${error.message}`);
        return undefined;
      }
    },
    detectedContext: async () => (await import('./detect-context.ts')).detectContext(io.env),
    nowMs: io.now,
    randomHex: (bytes) => process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('hex'),
    listings: once(async () => (await import('../git/listing-cache.ts')).openListingCache<SnapshotInfo>(repository)),
    report: settings.progress,
    note: settings.note,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function createApp(ctx: Context, { repository, directory }: { repository: Repository; directory: string }): App {
  return {
    init: async ({ sets, key, passphrase, confirm }) => {
      const { initialize } = await import('../flows/policy/initialize.ts');
      const relative = sets.map(({ set, path }) => ({ set, path: belowTopLevel(repository, directory, path) }));
      return initialize(ctx, { sets: relative, key: keyChoice(key), passphrase, confirm });
    },
    create: async ({ message, ...options }) => {
      const { createSnapshot } = await import('../flows/snapshot/create-snapshot.ts');
      return createSnapshot(ctx, { ...options, message: messageOf(message) });
    },
    status: async (options) => (await import('../flows/inspect/read-status.ts')).readStatus(ctx, options),
    list: async (options) => (await import('../flows/inspect/list-snapshots.ts')).listSnapshots(ctx, options),
    show: async (options) => (await import('../flows/inspect/show-snapshot.ts')).showSnapshot(ctx, options),
    diff: async (options) => (await import('../flows/inspect/diff-snapshots.ts')).diffSnapshots(ctx, options),
    manifest: async (options) => (await import('../flows/inspect/show-snapshot.ts')).snapshotManifest(ctx, options),
    verify: async (options) => (await import('../flows/verify/verify-snapshots.ts')).verifySnapshots(ctx, options),
    restore: async ({ message, ...options }) => {
      const { rollBack } = await import('../flows/rollback/roll-back.ts');
      return rollBack(ctx, { ...options, steps: undefined, action: 'restore', reason: reasonOf(message) });
    },
    rollback: async ({ message, ...options }) => {
      const { rollBack } = await import('../flows/rollback/roll-back.ts');
      return rollBack(ctx, { ...options, action: 'rollback', reason: reasonOf(message) });
    },
    continueRollback: async (options) =>
      (await import('../flows/rollback/resume-rollback.ts')).continueRollback(ctx, options),
    abortRollback: async (options) =>
      (await import('../flows/rollback/resume-rollback.ts')).abortRollback(ctx, options),
    undoRollback: async ({ message, ...options }) => {
      const { undoRollback } = await import('../flows/rollback/resume-rollback.ts');
      return undoRollback(ctx, { ...options, reason: reasonOf(message) });
    },
    log: async (options) => (await import('../flows/log/show-log.ts')).showLog(ctx, options),
    blob: async (oid, maxBytes) => {
      const size = (await ctx.store.describeObjects([oid])).get(oid)?.size;
      if (size !== undefined && size > maxBytes) return undefined;
      return (await ctx.store.readObject(oid)).body;
    },
    liveFile: async ({ set, path }, maxBytes) => {
      const { readLiveFile } = await import('../workdir/live-file.ts');
      const { loadPolicy } = await import('../flows/policy/load-policy.ts');
      const { governedSet } = await import('../flows/policy/governed-set.ts');
      const { policy } = await loadPolicy(ctx);
      return readLiveFile(`${rootOf(repository, governedSet(policy, set))}/${path}`, maxBytes);
    },
    close: () => ctx.store.close(),
  };
}

/** Finds the signer of the same keys once: a signer that was unlocked asks for no passphrase again. */
function eachOnce(find: (keys: readonly PublicKey[]) => Promise<Signer>): Context['signer'] {
  const found = new Map<string, Promise<Signer>>();
  return (keys) => {
    const name = keys.map(({ key }) => key).join(' ');
    const signer = found.get(name) ?? find(keys);
    found.set(name, signer);
    return signer;
  };
}

/** @throws {SnapshotError} of kind `usage` */
function checkTrustRoot(digest: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new SnapshotError('usage', `GIT_SNAPSHOT_TRUST_ROOT is not the digest of a policy: '${digest}'`, {
    hint: "Set it to 'sha256:' and 64 lower-case hexadecimal digits, as whoever set the repository up tells you.",
  });
}

/** @throws {SnapshotError} in a bare repository */
function rootOf({ topLevel }: Repository, set: GovernedSet): ByteString {
  if (topLevel === null) {
    throw new SnapshotError('config', 'a bare repository has no directory to work on', {
      hint: 'Run this in a working tree.',
    });
  }
  return `${topLevel}/${set.path}`;
}

/** A set by its directory. @throws {SnapshotError} if that is not in this working tree */
function setAt({ topLevel }: Repository, name: string, root: ByteString): GovernedSet {
  if (topLevel !== null && root.startsWith(`${topLevel}/`))
    return { name, path: root.slice(topLevel.length + 1), exclude: [] };
  throw new SnapshotError('unfinished', `a rollback was begun in '${displayBytes(root)}' and is unfinished`, {
    hint: 'Move the repository back to where it was then.',
  });
}

/** A path as typed, made relative to the top level. */
function belowTopLevel({ topLevel }: Repository, directory: string, path: string): string {
  const absolute = utf8Encode(resolve(directory, path));
  if (topLevel !== null && absolute.startsWith(`${topLevel}/`))
    return utf8Decode(absolute.slice(topLevel.length + 1)) ?? path;
  throw new SnapshotError('usage', `'${displayBytes(utf8Encode(path))}' is not below the top level of the repository`, {
    hint: 'Give the directory of the set as a path inside the working tree.',
  });
}

function keyChoice(key: string | undefined): KeyChoice {
  if (key === undefined || key === 'new' || key === 'gpg') return key && { kind: key };
  return { kind: 'fingerprint', fingerprint: key };
}

function messageOf(text: string | undefined): Message | undefined {
  return text === undefined ? undefined : parseMessage(text);
}

/** A reason is one line, whatever was typed. */
function reasonOf(text: string | undefined): string | undefined {
  return messageOf(text)?.subject;
}

/** The user's directory for keys and trust, outside every repository. */
function userDirectory(env: Io['env']): string {
  const base = env['XDG_CONFIG_HOME'];
  return join(base?.startsWith('/') ? base : join(env['HOME'] ?? homedir(), '.config'), 'git-snapshot');
}
