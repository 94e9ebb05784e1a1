import { type Checkup, note, ok, wrong } from '../../core/doctor/check.ts';
import type { Machine } from '../../core/doctor/port.ts';
import { isGitEnough, isNodeEnough } from '../../core/doctor/versions.ts';
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
export function checkClone(
  { isBare }: Pick<Context, 'isBare'>,
  { objectFormat, isShallow }: Machine,
  config: ReadonlyMap<string, readonly string[]>,
): Checkup[] {
  const kind = isBare ? 'a bare repository' : 'a repository with a working tree';
  const isPartial =
    config.has('extensions.partialclone') ||
    [...config].some(([key, values]) => /^remote\..*\.promisor$/.test(key) && values.at(-1) === 'true');
  return [
    ok('repository', `${kind}, objects named by ${objectFormat}`),
    isShallow
      ? wrong('shallow', 'history is cut off, so policy and log may be, too', 'Run "git fetch --unshallow".')
      : ok('shallow', 'history is not cut off'),
    isPartial
      ? note(
          'partial',
          'some objects are with a remote alone; they are not fetched to verify or to roll back',
          'Run "git snapshot fetch", which brings snapshots whole.',
        )
      : ok('partial', 'no objects are left with a remote'),
  ];
}
