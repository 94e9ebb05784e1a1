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
export const applyPruneArgv = [...pruneArgv, '--apply', '--yes', '--max-remove', '1000000'];
const mintProgram = fileURLToPath(new URL('mint-in-bulk.js', import.meta.url));
const initArgv = [process.execPath, program('git-snapshot'), 'init', '--yes'];

/** A repository with a set `artifacts`, initialized, without a snapshot, its directory empty, and a user of its own. */
export async function openProject(lab, name) {
  const root = lab.directory(name, 'project');
  const config = lab.directory(name, 'config');
  const gitDir = join(root, '.git');
  const artifacts = join(root, 'artifacts');
  const command = (argv) => ({ argv, cwd: root, env: { XDG_CONFIG_HOME: config } });
  mkdirSync(artifacts);
  await lab.run({ argv: ['git', 'init', '-q', root] });
  await lab.run(command(initArgv));
  return {
    root,
    gitDir,
    artifacts,
    /** Back to a repository without a snapshot, as its user had never seen it with one. The directory stays. */
    forget: keepCopies(lab.directory(name, 'pristine'), { git: gitDir, config }),
    /** Makes the directory empty. */
    empty() {
      rmSync(artifacts, { recursive: true });
      mkdirSync(artifacts);
    },
    command,
  };
}

/**
 * A repository with many snapshots of a directory of one small file, as they are after `git gc`, and a user of its own:
 * the key is as old as the first of them. `signing` is what git is set up to sign with, where a key is not to be made.
 */
export async function mintProject(lab, name, { count, signing = {} }) {
  const root = lab.directory(name, 'project');
  const config = lab.directory(name, 'config');
  const command = (argv) => ({ argv, cwd: root, env: { XDG_CONFIG_HOME: config } });
  await lab.run({ argv: ['git', 'init', '-q', root] });
  for (const [key, value] of Object.entries(signing)) await lab.run(command(['git', 'config', key, value]));
  await lab.run(command([process.execPath, mintProgram, root, String(count)]));
  await lab.run(command(['git', 'gc', '-q']));
  return {
    command,
    /** Back to what was minted, as nobody had ever looked at it. */
    forget: keepCopies(lab.directory(name, 'pristine'), { git: join(root, '.git'), config }),
  };
}

/** Copies directories, each under a name. Gives what puts them all back. */
function keepCopies(into, directories) {
  for (const [name, directory] of Object.entries(directories)) cpSync(directory, join(into, name), { recursive: true });
  return () => {
    for (const [name, directory] of Object.entries(directories)) {
      rmSync(directory, { recursive: true });
      cpSync(join(into, name), directory, { recursive: true });
    }
  };
}
