import { rmSync } from 'node:fs';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { ObjectStorage, Purge } from '../../core/retention/storage.ts';
import { fileError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { describeObjects } from '../objects/describe-objects.ts';
import type { Repository } from '../open-repository.ts';
import { listRefs } from '../refs/list-refs.ts';
import { runGit } from '../run-git.ts';

/** What refs keep of a repository's object database, as git reckons it. */
export function openObjectStorage(repository: Repository): ObjectStorage {
  return {
    exclusiveBytes: (tags, ignoredRefs) => exclusiveBytes(repository, tags, ignoredRefs),
    closure: (tags) => closure(repository, tags),
    purge: (objects) => purge(repository, objects),
  };
}

/** Everything is walked once, however many tags there are. */
async function exclusiveBytes(
  repository: Repository,
  tags: readonly Oid[],
  ignoredRefs: ReadonlySet<string>,
): Promise<number> {
  const others = (await listRefs(repository, 'refs/')).filter(({ name }) => !ignoredRefs.has(name));
  const gone = new Set(tags);
  const lines = [...tags, ...others.filter(({ oid }) => !gone.has(oid)).map(({ oid }) => `^${oid}`)];
  const { stdout } = await runGit(repository.place, ['rev-list', '--objects', '--disk-usage', '--stdin'], {
    stdin: `${lines.join('\n')}\n`,
  });
  return Number(stdout.toString('latin1').trim());
}

/** Parents come before what they name. What is missing already is named all the same. */
async function closure(repository: Repository, tags: readonly Oid[]): Promise<ReadonlySet<Oid>> {
  const whole = await withTarget(repository, tags);
  const args = ['rev-list', '--objects', '--no-object-names', '--missing=allow-any', '--stdin'];
  const reached = whole.length === 0 ? [] : await readNames(repository, args, `${whole.join('\n')}\n`);
  return new Set([...reached, ...tags]);
}

/** Those of which what they name at last is there. A purge that was cut off may have left no more than the tag, which rev-list refuses. */
async function withTarget({ place }: Repository, tags: readonly Oid[]): Promise<readonly Oid[]> {
  if (tags.length === 0) return [];
  const stdin = tags.map((tag) => `${tag}^{}\n`).join('');
  const { stdout } = await runGit(place, ['cat-file', '--batch-check=%(objectname)'], { stdin });
  const lines = stdout.toString('latin1').split('\n');
  return tags.filter((_, i) => lines[i]?.endsWith(' missing') === false);
}

async function readNames(repository: Repository, args: readonly string[], stdin: string): Promise<Set<Oid>> {
  const { stdout } = await runGit(repository.place, args, { stdin });
  const text = stdout.toString('latin1');
  return new Set(text === '' ? [] : (text.trimEnd().split('\n') as Oid[]));
}

/**
 * Takes out what nothing reaches any more, and nothing else: git's own pruning would take all that is unreachable, also what
 * somebody may still want to find with `git fsck --lost-found`.
 *
 * What a name needs goes before it, so that whoever is interrupted can find the rest again from the tags.
 */
async function purge(repository: Repository, objects: ReadonlySet<Oid>): Promise<Purge> {
  const reachable = await readNames(
    repository,
    ['rev-list', '--objects', '--no-object-names', '--all', '--reflog', '--indexed-objects', '--missing=allow-any'],
    '',
  );
  const shared = [...objects].filter((oid) => reachable.has(oid));
  const unneeded = [...objects].filter((oid) => !reachable.has(oid)).reverse();
  const before = await describeObjects(repository, unneeded);
  const there = unneeded.filter((oid) => before.has(oid));
  removeLoose(repository, there);
  let after = await describeObjects(repository, there);
  if (after.size > 0) {
    // A pack cannot lose an object: all packs are made anew, what is unreachable in them becomes loose.
    await runGit(repository.place, ['repack', '-A', '-d', '-q']);
    removeLoose(repository, there);
    after = await describeObjects(repository, there);
  }
  const left = there.filter((oid) => after.has(oid));
  return { objects: objects.size, purged: there.length - left.length, shared, left };
}

function removeLoose({ objectDirectory }: Repository, oids: readonly Oid[]): void {
  for (const oid of oids) {
    const file = `${objectDirectory}/${oid.slice(0, 2)}/${oid.slice(2)}`;
    try {
      rmSync(fsPath(file), { force: true });
    } catch (error) {
      const failure = fileError(error, 'remove', file);
      if (!(failure instanceof SnapshotError)) throw error;
      const hint = 'Remove the cause, then run "git snapshot erase --purge", which takes out what is left.';
      throw new SnapshotError('git', failure.message, { cause: error, hint });
    }
  }
}
