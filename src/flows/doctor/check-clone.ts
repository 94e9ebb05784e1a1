import { type Checkup, note, ok, wrong } from '../../core/doctor/check.ts';
import type { Machine } from '../../core/doctor/port.ts';
import { isGitEnough, isNodeEnough } from '../../core/doctor/versions.ts';
import { SnapshotError } from '../../core/errors.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';

/** The programs that all rests on. */
export async function checkPrograms(machine: Machine): Promise<Checkup[]> {
  const git = await machine.gitVersion();
  const node = machine.nodeVersion;
  return [
    isGitEnough(git) ? ok('git', git) : wrong('git', `${git} is too old`, 'Install git 2.34 or newer.'),
    isNodeEnough(node) ? ok('node', node) : wrong('node', `${node} is too old`, 'Install node 20.19, 22.12 or newer.'),
  ];
}

/** What kind of repository it is, and whether it has everything. */
export async function checkClone(
  { isBare, store }: Pick<Context, 'isBare' | 'store'>,
  { objectFormat, isShallow }: Pick<Machine, 'objectFormat' | 'isShallow'>,
  config: ReadonlyMap<string, readonly string[]>,
): Promise<Checkup[]> {
  const kind = isBare ? 'a bare repository' : 'a repository with a working tree';
  const isPartial =
    config.has('extensions.partialclone') ||
    [...config].some(([key, values]) => /^remote\..*\.promisor$/.test(key) && values.at(-1) === 'true');
  return [
    ok('repository', `${kind}, objects named by ${objectFormat}`),
    isShallow ? await shallowCheckup(store) : ok('shallow', 'history is not cut off'),
    isPartial
      ? note(
          'partial',
          'some objects are with a remote alone; they are not fetched to verify or to roll back',
          'Run "git snapshot fetch", which brings snapshots whole.',
        )
      : ok('partial', 'no objects are left with a remote'),
    await replacementsCheckup(store),
  ];
}

/** Git itself reads what is put in the place of an object: with one over the log, it neither takes nor makes a push of snapshots. */
async function replacementsCheckup(store: Context['store']): Promise<Checkup> {
  const replaced = await store.listRefs('refs/replace/');
  if (replaced.length === 0) return ok('replacements', 'git takes no object for another');
  const [first] = replaced.map(({ name }) => name.slice('refs/replace/'.length));
  return note(
    'replacements',
    `git takes another object for ${first}${replaced.length === 1 ? '' : ` and ${replaced.length - 1} more`}; this program does not, and pushes can fail of it`,
    'See "git replace -l", and remove what nobody wants with "git replace -d OBJECT".',
  );
}

/** A fetch of ours brings both whole, whatever is cut off of the branches; one by plain git may not. */
async function shallowCheckup(store: Context['store']): Promise<Checkup> {
  try {
    for (const ref of [POLICY_REF, LOG_REF]) {
      const tip = await store.readRef(ref);
      if (tip !== null) await store.listChain(tip);
    }
    return ok('shallow', 'history of branches is cut off, that of policy and log is not');
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return wrong('shallow', 'history is cut off, and that of policy or log is, too', 'Run "git fetch --unshallow".');
  }
}
