import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory of its own for the running test, gone when the test ends. */
export function tempDir(prefix = 'git-snapshot-test-'): string {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

/** A new git repository in a directory of its own, and plain git to judge it with. */
export interface TempRepo {
  readonly dir: string;
  /** Runs git there; standard output without the last line feed. Throws on a non-zero exit. */
  git(...args: string[]): string;
}

/** Makes a repository. `init` are more arguments of `git init`. */
export function tempRepo(...init: string[]): TempRepo {
  const dir = tempDir();
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: dir,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    }).replace(/\n$/, '');
  git('init', '-q', '-b', 'main', ...init);
  return { dir, git };
}
