import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { around, existing, type GovernedRepo } from '../support/governed-repo.ts';
import type { Person } from '../support/people.ts';

/** A command, and all that there is before it runs. */
export interface Scene {
  /** Absolute paths. Each run gets copies of its own, side by side under these names. */
  readonly parts: Readonly<{
    /** The repository in which the command runs. */
    repo: string;
    /** The configuration directory of whoever runs it. */
    config: string;
    /** What it is shared through: remote `origin`. */
    server?: string;
  }>;
  /** The command, as `snapshot create`. */
  readonly words: readonly string[];
  /**
   * What the command does in more than one step that others can see: after a fault, some may be done.
   * Everything else is done whole, or not at all.
   */
  readonly steps?: 'many';
  /** Exit codes of the command where it finds that it is done already. Default: 0 alone. */
  readonly whenDone?: readonly number[];
  /** Exit code of a command that reports what went wrong, and says no: that is a result, and no error. */
  readonly verdict?: number;
  /** Whether the command has more to do once an unfinished rollback is finished: the same command then goes on. */
  readonly goesOn?: true;
  /** Whether the command would do something else if it ran again after it was done. */
  readonly once?: true;
  /** A command that ends what the other may leave, and the objects that must be gone then. */
  readonly purge?: { readonly words: readonly string[]; readonly objects: readonly string[] };
}

/** A copy of a scene, in which something may go wrong. */
export interface Stage {
  readonly dir: string;
  readonly repo: GovernedRepo;
  readonly env: Readonly<Record<string, string>>;
  /** The git directories whose state counts, by the name of their part. */
  readonly repositories: ReadonlyMap<string, string>;
}

/** Makes a scene ready to be copied: everything below one directory, which knows nothing of where that is. */
export function pack(scene: Scene, dir: string): string {
  mkdirSync(dir, { recursive: true });
  for (const [name, path] of Object.entries(scene.parts)) execFileSync('cp', ['-a', path, join(dir, name)]);
  if (scene.parts.server !== undefined)
    execFileSync('git', ['remote', 'set-url', 'origin', '../server'], { cwd: join(dir, 'repo') });
  return dir;
}

/** Copies a packed scene. */
export function setStage(template: string, dir: string): Stage {
  execFileSync('cp', ['-a', template, dir]);
  const env = { XDG_CONFIG_HOME: join(dir, 'config') };
  const { git } = existing(join(dir, 'repo'));
  const repo = around({ dir: join(dir, 'repo'), git }, env);
  const server = join(dir, 'server');
  const repositories = new Map([['repo', repo.dir], ...(existsSync(server) ? [['server', server] as const] : [])]);
  return { dir, repo, env, repositories };
}

/** The parts of a scene in which a person acts. */
export const partsOf = (one: Person) => ({ repo: one.dir, config: join(one.keyFile, '..') });
