import { SnapshotError } from '../../core/errors.ts';
import type { Context, Remembered } from '../../flows/context.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { Io } from '../terminal/io.ts';
import { VERSION } from '../version.ts';
import { eventMemory } from './events.ts';
import type { Trust } from './lazy-trust.ts';

/** What is remembered, and which version of the program judged it. */
interface Memory extends Omit<Remembered, 'verified'> {
  readonly judgedBy: { readonly policy?: string; readonly log?: string };
}

/** What this user trusts: the pin in the user's directory or the environment, and what was verified in this clone before. */
export function createTrust({
  repository,
  configDir,
  env,
  nowSec,
}: {
  repository: Repository;
  configDir: string;
  env: Io['env'];
  nowSec: () => number;
}): Trust {
  const pinned = async (id: string): Promise<string | undefined> => {
    const given = env['GIT_SNAPSHOT_TRUST_ROOT'];
    const root = given === undefined || given === '' ? undefined : checkTrustRoot(given);
    // What was said of this very place comes first: else whoever pushes could put another repository there that is trusted, too.
    const said = await place.read();
    if (said !== undefined && root !== undefined && root !== said) throw otherRoot(root, said);
    return root ?? said ?? readPin(id);
  };
  const readPin = async (id: string): Promise<string | undefined> => {
    const { readTrustPin, trustPinPath } = await import('../../sign/trust-store.ts');
    return (await readTrustPin(trustPinPath(configDir, id)))?.policy;
  };
  const place = placePin({ repository, configDir, nowSec });
  const clone = async (id: string) => {
    const { readCloneIdentity } = await import('../../git/clone-name.ts');
    const known = readCloneIdentity(repository);
    return known?.repository === id ? { configDir, ...known } : undefined;
  };
  // One command reads the policy several times; what others remember meanwhile only saves time.
  let recalled: { readonly id: string; readonly memory: Promise<Remembered | undefined> } | undefined;
  const read = async (id: string): Promise<Memory | undefined> => {
    const name = await clone(id);
    return name && (await import('../../sign/trust-memory.ts')).readMemory<Memory>(name);
  };
  const recall: Context['trust']['recall'] = (id, { anew } = { anew: false }) => {
    if (anew || recalled?.id !== id) recalled = { id, memory: read(id).then(withVerified) };
    return recalled.memory;
  };
  return {
    read: pinned,
    readPin: async (id) => (await place.read()) ?? readPin(id),
    pin: async (id, policy) => {
      const { trustPinPath, writeTrustPin } = await import('../../sign/trust-store.ts');
      await writeTrustPin(trustPinPath(configDir, id), { policy, pinnedAtSec: nowSec() });
      (await import('../../git/clone-name.ts')).ensureCloneIdentity(repository, id);
    },
    place,
    recall,
    remember: async (id, news) => {
      const root = await pinned(id);
      const { ensureCloneIdentity } = await import('../../git/clone-name.ts');
      const known = ensureCloneIdentity(repository, id);
      if (root === undefined || known?.repository !== id) return;
      const former = await read(id);
      const kept = former?.root === root ? former : undefined;
      if (news.policy !== undefined && news.policy.digest !== kept?.policy?.digest) await makeHooksLook(repository);
      const judgedBy = {
        ...kept?.judgedBy,
        ...(news.policy === undefined ? {} : { policy: VERSION }),
        ...(news.log === undefined ? {} : { log: VERSION }),
      };
      const memory: Memory = { policy: undefined, log: undefined, ...kept, ...news, root, judgedBy };
      const { writeMemory } = await import('../../sign/trust-memory.ts');
      await writeMemory({ configDir, ...known }, memory);
      recalled = undefined;
    },
    ...eventMemory(nowSec, clone),
    forget: async (id) => {
      const name = await clone(id);
      if (name !== undefined) (await import('../../sign/trust-memory.ts')).removeMemory(name);
      recalled = undefined;
    },
    repositoryOfClone: async () => (await import('../../git/clone-name.ts')).readCloneIdentity(repository)?.repository,
  };
}

function placePin({
  repository,
  configDir,
  nowSec,
}: {
  repository: Repository;
  configDir: string;
  nowSec: () => number;
}): Trust['place'] {
  const stored = () => import('../../sign/trust-store.ts');
  return {
    read: async () => {
      const { placePinPath, readTrustPin } = await stored();
      return (await readTrustPin(placePinPath(configDir, repository.commonDir)))?.policy;
    },
    pin: async (policy) => {
      const { placePinPath, writeTrustPin } = await stored();
      const pin = { policy, pinnedAtSec: nowSec() };
      await writeTrustPin(placePinPath(configDir, repository.commonDir), pin, { replace: true });
    },
  };
}

/** Another policy may protect refs that are not ours: with the next push the hooks look, and say whether it is so. */
async function makeHooksLook(repository: Repository): Promise<void> {
  const { markProtecting } = await import('../../git/hooks/protect-marker.ts');
  try {
    markProtecting(repository, true);
  } catch (error) {
    // Nothing is pushed from where nothing can be written.
    if (!(error instanceof SnapshotError)) throw error;
  }
}

function withVerified(memory: Memory | undefined): Remembered | undefined {
  if (memory === undefined) return undefined;
  const { root, policy, log, judgedBy } = memory;
  return { root, policy, log, verified: { policy: judgedBy.policy === VERSION, log: judgedBy.log === VERSION } };
}

/** @throws {SnapshotError} of kind `usage` */
function checkTrustRoot(digest: string): string {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new SnapshotError('usage', `GIT_SNAPSHOT_TRUST_ROOT is not the digest of a policy: '${digest}'`, {
    hint: "Set it to 'sha256:' and 64 lower-case hexadecimal digits, as whoever set the repository up tells you.",
  });
}

/** Who pushes may be able to set variables of a server's hook: they do not change what its admin said. */
function otherRoot(root: string, said: string): SnapshotError {
  return new SnapshotError('untrusted', `GIT_SNAPSHOT_TRUST_ROOT is ${root}, and this place was pinned to ${said}`, {
    hint: 'Unset the variable. On a server, do not let those who connect set it (AcceptEnv).',
  });
}
