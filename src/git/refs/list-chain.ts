import { MalformedError, MissingObjectError, type SnapshotError } from '../../core/errors.ts';
import { isOid, type Oid } from '../../core/oid.ts';
import type { GitObject } from '../../core/ports.ts';
import type { Repository } from '../open-repository.ts';
import { gitFailure, runGit } from '../run-git.ts';

const SHALLOW_HINT = 'The history is cut off: run "git fetch --unshallow".';

/**
 * The commits from `tip` to the root by first parent, oldest first.
 *
 * @param readObject - to find the commit at which a broken chain breaks
 * @throws {MissingObjectError} naming the commit that is not there, also where a shallow clone cuts the history
 * @throws {MalformedError} if something in the chain is no commit
 */
export async function listChain(
  repository: Repository,
  readObject: (oid: Oid) => Promise<GitObject>,
  tip: Oid,
): Promise<Oid[]> {
  const args = ['rev-list', '--first-parent', '--reverse', '--end-of-options', tip];
  const output = await runGit(repository.place, args, { config: NO_COMMIT_GRAPH, okCodes: [0, 128] });
  const chain = commitsIn(output.stdout, repository);
  if (output.code === 0 && chain.at(-1) === tip) {
    const [oldest] = chain;
    const parent = oldest === undefined ? undefined : firstParent(await readObject(oldest), repository);
    if (parent === undefined) return chain;
    throw new MissingObjectError(parent, { hint: SHALLOW_HINT });
  }
  throw (await findBreak(repository, readObject, tip)) ?? gitFailure(args, output.code, output.stderr);
}

/** So many commits are read one after the other in less time than git needs to start. */
const NEAR = 8;

/**
 * The commits of that chain that come after `after`, oldest first, or undefined where `after` is none of them. What is older is
 * not looked at, and git is started only if there are many.
 */
export async function listChainAfter(
  repository: Repository,
  readObject: (oid: Oid) => Promise<GitObject>,
  { tip, after }: { tip: Oid; after: Oid },
): Promise<Oid[] | undefined> {
  const parentIfThere = async (oid: Oid) => {
    try {
      const commit = await readObject(oid);
      return commit.type === 'commit' ? firstParent(commit, repository) : undefined;
    } catch (error) {
      // A hole in the chain is for whoever lists all of it.
      if (error instanceof MissingObjectError || error instanceof MalformedError) return undefined;
      throw error;
    }
  };
  const near: Oid[] = [];
  for (let oid = tip; oid !== after; ) {
    if (near.push(oid) > NEAR) return listFarAfter(repository, readObject, { tip, after });
    const parent = await parentIfThere(oid);
    if (parent === undefined) return undefined;
    oid = parent;
  }
  return near.reverse();
}

async function listFarAfter(
  repository: Repository,
  readObject: (oid: Oid) => Promise<GitObject>,
  { tip, after }: { tip: Oid; after: Oid },
): Promise<Oid[] | undefined> {
  const args = ['rev-list', '--first-parent', '--reverse', '--end-of-options', tip, `^${after}`];
  const { code, stdout } = await runGit(repository.place, args, { config: NO_COMMIT_GRAPH, okCodes: [0, 128] });
  const chain = commitsIn(stdout, repository);
  const [oldest] = chain;
  if (code !== 0 || oldest === undefined || chain.at(-1) !== tip) return undefined;
  return firstParent(await readObject(oldest), repository) === after ? chain : undefined;
}

/** A commit-graph file could claim other parents than the commits do. */
const NO_COMMIT_GRAPH = ['core.commitGraph=false'];

function commitsIn(stdout: Buffer, { format }: Repository): Oid[] {
  return stdout
    .toString('latin1')
    .split('\n')
    .filter((line): line is Oid => isOid(line, format));
}

async function findBreak(
  repository: Repository,
  readObject: (oid: Oid) => Promise<GitObject>,
  tip: Oid,
): Promise<SnapshotError | undefined> {
  let oid: Oid | undefined = tip;
  while (oid !== undefined) {
    const commit: GitObject = await readObject(oid);
    if (commit.type !== 'commit') return new MalformedError(`object ${oid}`, `is a ${commit.type}, not a commit`);
    oid = firstParent(commit, repository);
  }
  return undefined;
}

function firstParent(commit: GitObject, { format }: Repository): Oid | undefined {
  const match = /^tree [0-9a-f]+\nparent ([0-9a-f]+)\n/.exec(commit.body.slice(0, 256))?.[1];
  return match !== undefined && isOid(match, format) ? match : undefined;
}
