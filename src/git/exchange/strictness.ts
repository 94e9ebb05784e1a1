import type { Repository } from '../open-repository.ts';
import { runGit } from '../run-git.ts';

// Git looks into files of these names for what concerns itself alone: in a snapshot they are files like all others.
const MODULES = ['Blob', 'Large', 'Name', 'Parse', 'Path', 'Symlink', 'Update', 'Url'].map(
  (fault) => `gitmodules${fault}`,
);
const ATTRIBUTES = ['Blob', 'Large', 'LineLength', 'Missing'].map((fault) => `gitattributes${fault}`);

/**
 * The option that has `git index-pack` check every object as `git fsck --strict` does, and that none is missing which another
 * one needs.
 */
export async function strictOption({ place }: Repository): Promise<string> {
  const ignoring = (faults: readonly string[]) => `--strict=${faults.map((fault) => `${fault}=ignore`).join(',')}`;
  // Older ones know nothing of the latter, and refuse the name of a fault that they do not know.
  const all = ignoring([...MODULES, ...ATTRIBUTES]);
  const { stderr } = await runGit(place, ['index-pack', '--stdin', all], { stdin: '', okCodes: [1, 128] });
  return stderr.includes('Unhandled message id') ? ignoring(MODULES) : all;
}
