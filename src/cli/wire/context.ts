import { readFileSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ByteString } from '../../core/byte-string.ts';
import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { once } from '../../core/once.ts';
import type { PublicKey, Signer } from '../../core/signing.ts';
import { systemReason } from '../../core/system-reason.ts';
import type { Context, GovernedSet } from '../../flows/context.ts';
import { nodeDigest } from '../../git/digest.ts';
import { openGitStore } from '../../git/git-store.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { AppSettings } from '../app/app.ts';
import type { Io } from '../terminal/io.ts';
import { lazyTrust } from './lazy-trust.ts';
import { watchedReplacer } from './watched-replacer.ts';

/** More threads than this wait for one another: one process writes the pack. */
const MAX_THREADS = 4;

/** All that flows need of the world, around one repository. */
export function createContext(io: Io, settings: AppSettings, repository: Repository): Context {
  const nowSec = () => Math.floor(io.now() / 1000);
  const configDir = userDirectory(io.env);
  const config = once(async () => (await import('../../git/repository-config.ts')).readConfig(repository));
  const store = openGitStore(repository, {
    workerFile: new URL('../threads/object-worker.cjs', import.meta.url),
    threads: Math.min(availableParallelism(), MAX_THREADS),
    durability: async () => (await import('../../git/repository-config.ts')).durabilityOf(await config()),
    processes: loadProcesses,
  });
  const signingKeys = {
    configDir,
    env: io.env,
    cwd: settings.directory,
    nowSec,
    askPassphrase: async (prompt: string, { again }: { again: boolean }) =>
      io.env['GIT_SNAPSHOT_PASSPHRASE'] ?? settings.prompt.passphrase(prompt, { again }),
    gitSigning: async () => (await import('../../git/repository-config.ts')).readGitSigning(repository),
  };
  return {
    store,
    digest: nodeDigest,
    verifier: once(async () => (await import('../../sign/verify-signatures.ts')).signatureVerifier({ nowSec })),
    signer: eachOnce(async (keys) => (await import('../../sign/signing-keys.ts')).findSigner(signingKeys, keys)),
    obtainKey: async (wanted, { passphrase }) => {
      const { committerIdentity } = await import('../../git/repository-config.ts');
      const { obtainKey } = await import('../../sign/signing-keys.ts');
      return obtainKey(signingKeys, {
        wanted,
        identity: await committerIdentity(repository, await config()),
        passphrase,
      });
    },
    remotes: async () => {
      const remotes = await (await import('../../git/remotes.ts')).listRemotes(repository);
      return remotes.map(({ name, fetchUrl }) => ({ name, url: fetchUrl }));
    },
    followedRemote: async () => (await import('../../git/followed-remote.ts')).followedRemote(repository),
    transport: once(async () =>
      (await import('../../git/remote/open-transport.ts')).openTransport(repository, await loadProcesses()),
    ),
    trust: lazyTrust(async () =>
      (await import('./trust.ts')).createTrust({ repository, configDir, env: io.env, nowSec }),
    ),
    storage: once(async () => (await import('../../git/storage/object-storage.ts')).openObjectStorage(repository)),
    gates: once(async () =>
      (await import('../../gates/run-gate.ts')).createGateRunner({
        env: io.env,
        sha256: nodeDigest.sha256,
        nowMs: io.now,
        schemaWorkerFile: new URL('../threads/schema-worker.cjs', import.meta.url),
      }),
    ),
    programs: async (set) => {
      const { createProgramRunner } = await import('../../gates/command/program-runner.ts');
      return createProgramRunner({ directory: rootOf(repository, set), env: io.env });
    },
    checkOut: async (entries) => {
      const { checkOut } = await import('../../workdir/check-out.ts');
      return checkOut({ entries, parent: io.env['TMPDIR'] ?? tmpdir(), restore: (blobs) => store.restoreBlobs(blobs) });
    },
    policySource: async (file) => {
      const { POLICY_FILE, readPolicyFile } = await import('../../workdir/policy-file.ts');
      const { readPublicKeyFile } = await import('../../sign/public-key-file.ts');
      const path = file === undefined ? join(workingTree(repository), POLICY_FILE) : resolve(settings.directory, file);
      const { document, keyFiles, schemas } = readPolicyFile(path);
      const keys: PublicKey[] = [];
      for (const { path: source, bytes } of keyFiles)
        keys.push((await readPublicKeyFile(bytes, { source, nowSec: nowSec() })).publicKey);
      return { path, document, keys, schemas };
    },
    publicKeyFile: async (file) => {
      const { readPublicKeyFile } = await import('../../sign/public-key-file.ts');
      const bytes = readUserFile(resolve(settings.directory, file));
      return (await readPublicKeyFile(bytes, { source: file, nowSec: nowSec() })).publicKey;
    },
    // Found out only when it is asked: that takes as long as reading a hundred tags.
    get confirm() {
      const { prompt } = settings;
      return prompt.available ? (question: string) => prompt.confirm(question, 'GIT_SNAPSHOT_TRUST_ROOT') : undefined;
    },
    workdir: async (set) => {
      const { openWorkdir } = await import('../../workdir/open-workdir.ts');
      const { gitIndexScanner } = await import('../../git/index-scanner.ts');
      return openWorkdir({
        root: rootOf(repository, set),
        inReleases: set.releases !== undefined,
        cacheDir: `${repository.gitDir}/snapshot/cache/${set.name}`,
        exclude: set.exclude.map(utf8Encode),
        indexScanner: gitIndexScanner(repository),
        format: repository.format,
        authenticator: once(async () => {
          const { openCacheAuthenticator } = await import('../../sign/memory-key.ts');
          return openCacheAuthenticator(configDir, { gitDir: repository.gitDir, set: set.name });
        }),
        nowMs: io.now,
      });
    },
    unreadIgnoreFiles: async ({ path }) => {
      const { unreadIgnoreFiles } = await import('../../workdir/scan/unread-ignore-files.ts');
      return repository.topLevel === null ? [] : unreadIgnoreFiles(repository.topLevel, path);
    },
    replacer: async (set) => {
      const { openDirectoryReplacer } = await import('../../workdir/replace/directory-replacer.ts');
      const { name, releases } = set;
      const root = rootOf(repository, set);
      const replacer = openDirectoryReplacer({ set: name, root, gitDir: repository.gitDir, releases });
      return watchedReplacer(replacer, settings.onReplacement);
    },
    unfinishedSets: async () => {
      const { listJournals } = await import('../../workdir/replace/list-journals.ts');
      return listJournals(repository.gitDir).map((journal) => ({
        set: setAt(repository, journal),
        heldBy: journal.heldBy,
      }));
    },
    elsewhere: async ({ name, path, releases }) => {
      const { otherWorkingTrees } = await import('../../git/working-trees.ts');
      const trees = otherWorkingTrees(repository);
      if (trees.length === 0) return [];
      const { openDirectoryReplacer } = await import('../../workdir/replace/directory-replacer.ts');
      return trees.map(({ gitDir, topLevel }) => ({
        directory: topLevel,
        replacer: openDirectoryReplacer({ set: name, root: `${topLevel}/${path}`, gitDir, releases }),
      }));
    },
    isBare: repository.topLevel === null,
    identity: once(async () =>
      (await import('../../git/repository-config.ts')).committerIdentity(repository, await config()),
    ),
    headState: async () => {
      try {
        return (await (await import('../../git/head-state.ts')).headState(repository, config)) ?? undefined;
      } catch (error) {
        // It is worth knowing, but no reason to refuse a backup: git's index may be broken in an emergency.
        if (!(error instanceof SnapshotError) || error.kind !== 'git') throw error;
        settings.note(`warning: the snapshot will not say what was checked out: ${error.message}`);
        return undefined;
      }
    },
    detectedContext: async () => (await import('../detect-context.ts')).detectContext(io.env),
    nowMs: io.now,
    randomHex: (bytes) => process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('hex'),
    summaries: async () => {
      const { SUMMARY_ROWS } = await import('../../git/listing/summary-rows.ts');
      return (await import('../../git/listing/listing-cache.ts')).openListingCache(repository, SUMMARY_ROWS);
    },
    listings: async () => {
      const { WHOLE_ROWS } = await import('../../git/listing/whole-rows.ts');
      return (await import('../../git/listing/listing-cache.ts')).openListingCache(repository, WHOLE_ROWS);
    },
    report: settings.progress,
    note: settings.note,
    advise: settings.advise,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

const loadProcesses = async () => (await import('../../workdir/replace/process-identity.ts')).processes;

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

/** Absolute path of a set's directory. @throws {SnapshotError} in a bare repository */
export function rootOf({ topLevel }: Repository, set: Pick<GovernedSet, 'path'>): ByteString {
  if (topLevel === null) {
    throw new SnapshotError('config', 'there is no working tree here, as in a bare repository or in .git', {
      hint: 'Change to the working tree, above .git, or to a clone that has one.',
    });
  }
  return `${topLevel}/${set.path}`;
}

/** Top of the working tree, as a path to read files by. @throws {SnapshotError} in a bare repository */
function workingTree({ topLevel }: Repository): string {
  if (topLevel !== null) return Buffer.from(topLevel, 'latin1').toString('utf8');
  throw new SnapshotError('config', 'there is no working tree here to read files of', { hint: 'Name the file.' });
}

/** @throws {SnapshotError} of kind `not-found` or `config` */
function readUserFile(path: string): ByteString {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new SnapshotError(
      error.code === 'ENOENT' ? 'not-found' : 'config',
      `cannot read '${path}': ${systemReason(String(error.code))}`,
      {
        cause: error,
        hint: 'Name the file of a public key: what "gpg --armor --export" prints, or a \'.pub\' file.',
      },
    );
  }
}

/** A set by its directory. @throws {SnapshotError} if that is not in this working tree */
function setAt(
  { topLevel }: Repository,
  { set: name, root, releases }: { set: string; root: ByteString; releases: GovernedSet['releases'] },
): GovernedSet {
  if (topLevel !== null && root.startsWith(`${topLevel}/`))
    return { name, path: root.slice(topLevel.length + 1), exclude: [], releases };
  throw new SnapshotError('unfinished', `a rollback was begun in '${displayBytes(root)}' and is unfinished`, {
    hint: 'Move the repository back to where it was then.',
  });
}

/** The user's directory for keys and trust, outside every repository. */
export function userDirectory(env: Io['env']): string {
  const base = env['XDG_CONFIG_HOME'];
  return join(base?.startsWith('/') ? base : join(env['HOME'] ?? homedir(), '.config'), 'git-snapshot');
}
