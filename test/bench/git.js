// Plain git doing the same work.
import { join } from 'node:path';

/** `git add -A` and `git write-tree` of a directory, into a repository that lies outside it. */
export function gitSnapshots(lab, { name, directory }) {
  const gitDir = join(lab.root, name, 'plain.git');
  return {
    async forget() {
      lab.directory(name, 'plain.git');
      await lab.run({ argv: ['git', 'init', '-q', '--bare', gitDir] });
    },
    command: {
      argv: ['sh', '-c', 'git add -A && git write-tree'],
      cwd: directory,
      env: { GIT_DIR: gitDir, GIT_WORK_TREE: directory },
    },
  };
}

/** The tree of the oldest snapshot of a project: those after it may be what a rollback kept of the directory before it. */
async function firstTree(lab, project) {
  const argv = ['git', 'for-each-ref', '--count=1', '--format=%(refname)', 'refs/snapshots/artifacts/'];
  const { stdout } = await lab.run(project.command(argv), { capture: true });
  return `${stdout.trim()}^{tree}`;
}

/** A second working tree of a project's first snapshot, with an index of its own, over the same objects. */
export async function gitCheckout(lab, { name, project }) {
  const tree = await firstTree(lab, project);
  const directory = join(lab.root, name, 'checkout');
  const place = {
    cwd: directory,
    env: {
      GIT_DIR: project.gitDir,
      GIT_WORK_TREE: directory,
      GIT_INDEX_FILE: join(lab.root, name, 'checkout.index'),
    },
  };
  return {
    directory,
    /** Leaves the directory empty and the index full. */
    async empty() {
      lab.directory(name, 'checkout');
      await lab.run({ argv: ['git', 'read-tree', tree], ...place });
    },
    async fill() {
      await this.empty();
      await lab.run({ argv: ['git', 'checkout-index', '-a', '-u'], ...place });
    },
    checkOut: { argv: ['git', '-c', 'checkout.workers=2', 'checkout-index', '-a'], ...place },
    reset: { argv: ['sh', '-c', `git read-tree --reset -u '${tree}' && git clean -fdq`], ...place },
  };
}
