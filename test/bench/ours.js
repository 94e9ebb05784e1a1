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

/**
 * A repository with many snapshots of a directory of one small file, as they are after `git gc`, and a user of its own:
 * the key is as old as the first of them. `signing` is what git is set up to sign with, where a key is not to be made.
 */
export async function mintProject(lab, name, { count, signing = {} }) {
  const root = lab.directory(name, 'project');
  const config = lab.directory(name, 'config');
  const pristine = lab.directory(name, 'pristine');
  const command = (argv) => ({ argv, cwd: root, env: { XDG_CONFIG_HOME: config } });
  await lab.run({ argv: ['git', 'init', '-q', root] });
  for (const [key, value] of Object.entries(signing)) await lab.run(command(['git', 'config', key, value]));
  await lab.run(command([process.execPath, mintProgram, root, String(count)]));
  await lab.run(command(['git', 'gc', '-q']));
  const copies = [
    [join(root, '.git'), join(pristine, 'git')],
    [config, join(pristine, 'config')],
  ];
  for (const [from, to] of copies) cpSync(from, to, { recursive: true });
  return {
    command,
    /** Back to what was minted, as nobody had ever looked at it. */
    forget() {
      for (const [place, copy] of copies) {
        rmSync(place, { recursive: true });
        cpSync(copy, place, { recursive: true });
      }
    },
  };
}
