// The program under test, and a project directory for it.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = (name) => fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url));

export const createArgv = [process.execPath, program('git-snapshot'), 'create', '-m', 'bench'];
export const rollbackArgv = [process.execPath, program('git-rollback'), '--yes', '-m', 'bench'];
export const verifyArgv = [process.execPath, program('git-snapshot'), 'verify'];
export const quickVerifyArgv = [...verifyArgv, '--all', '--quick'];
export const listArgv = [process.execPath, program('git-snapshot'), 'list'];
export const pruneArgv = [process.execPath, program('git-snapshot'), 'prune'];
const initArgv = [process.execPath, program('git-snapshot'), 'init', '--yes'];

/** A repository with a set `artifacts`, initialized, without a snapshot, its directory empty. */
export async function openProject(lab, name) {
  const root = lab.directory(name, 'project');
  const gitDir = join(root, '.git');
  const pristine = join(lab.root, name, 'pristine.git');
  const artifacts = join(root, 'artifacts');
  mkdirSync(artifacts);
  await lab.run({ argv: ['git', 'init', '-q', root] });
  await lab.run({ argv: initArgv, cwd: root });
  cpSync(gitDir, pristine, { recursive: true });
  return {
    root,
    gitDir,
    artifacts,
    /** Back to a repository without a snapshot. The directory stays. */
    forget() {
      rmSync(gitDir, { recursive: true });
      cpSync(pristine, gitDir, { recursive: true });
    },
    /** Makes the directory empty. */
    empty() {
      rmSync(artifacts, { recursive: true });
      mkdirSync(artifacts);
    },
    command: (argv) => ({ argv, cwd: root }),
  };
}
