import { spawnSync } from 'node:child_process';
import { SnapshotError } from '../../src/core/errors.ts';
import type { IndexScanner } from '../../src/core/workdir.ts';

/** The port over a plain `git diff-files`; the index file need not belong to the repository `gitDir`. */
export function diffFilesScanner(gitDir: string): IndexScanner {
  return {
    async differences(indexFile, root) {
      const config = [
        'core.bare=false',
        'core.fileMode=true',
        'core.trustctime=true',
        'core.checkStat=default',
        'core.fsmonitor=false',
        'core.symlinks=true',
      ];
      const args = [...config.flatMap((pair) => ['-c', pair]), `--git-dir=${gitDir}`, `--work-tree=${root}`];
      const { status, stdout, stderr } = spawnSync('git', [...args, 'diff-files', '--raw', '-z', '--no-renames'], {
        cwd: root,
        env: { ...process.env, GIT_INDEX_FILE: indexFile },
        maxBuffer: 1 << 28,
      });
      if (status !== 0) throw new SnapshotError('git', `git diff-files failed: ${stderr.toString('latin1')}`);
      const fields = stdout.toString('latin1').split('\0');
      const found: { path: string; deleted: boolean }[] = [];
      for (let i = 0; i + 1 < fields.length; i += 2) {
        found.push({ path: fields[i + 1] ?? '', deleted: fields[i]?.endsWith('D') ?? false });
      }
      return found;
    },
  };
}
