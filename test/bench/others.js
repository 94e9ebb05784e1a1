// Other programs that keep snapshots of a directory. Each repository lies outside the directory, without a passphrase
// where that can be had, and with the program's own defaults otherwise.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = { restic, borg, ostree };

/** Those that are installed, by name, for one directory. */
export function otherTools(lab, { name, directory }) {
  return Object.fromEntries(
    Object.entries(PROGRAMS)
      .filter(([tool]) => lab.has(tool))
      .map(([tool, make]) => [tool, withRepository(lab, { name, tool, make, directory })]),
  );
}

export function missingTools(lab) {
  return Object.keys(PROGRAMS).filter((tool) => !lab.has(tool));
}

function withRepository(lab, { name, tool, make, directory }) {
  const repository = join(lab.root, name, tool);
  const { init, snapshot, check, restore } = make({ repository, directory });
  let taken = 0;
  return {
    check,
    async forget() {
      lab.directory(name, tool);
      await lab.run(init);
    },
    /** The command that takes the next snapshot. */
    nextSnapshot: () => snapshot(++taken),
    /** Makes sure that there is a snapshot. */
    async ensure() {
      if (existsSync(repository)) return;
      await this.forget();
      await lab.run(this.nextSnapshot());
    },
    /** `{ command, restored }`: a command that puts the newest snapshot below `target`, and where the files are then. */
    restoreInto: (target) => restore(target, taken),
  };
}

function restic({ repository, directory }) {
  const call = (...args) => ({ argv: ['restic', '-q', '-r', repository, ...args] });
  return {
    init: call('init'),
    snapshot: () => call('backup', directory),
    check: call('check', '--read-data'),
    restore: (target) => ({
      command: call('restore', 'latest', '--target', target),
      restored: join(target, directory),
    }),
  };
}

function borg({ repository, directory }) {
  return {
    init: { argv: ['borg', 'init', '--encryption=none', repository] },
    snapshot: (number) => ({ argv: ['borg', 'create', `${repository}::${number}`, '.'], cwd: directory }),
    restore: (target, number) => ({
      command: { argv: ['borg', 'extract', `${repository}::${number}`], cwd: target },
      restored: target,
    }),
  };
}

function ostree({ repository, directory }) {
  return {
    init: { argv: ['ostree', `--repo=${repository}`, 'init', '--mode=bare-user'] },
    snapshot: () => ({
      argv: ['ostree', `--repo=${repository}`, 'commit', '-b', 'bench', `--tree=dir=${directory}`],
    }),
  };
}
