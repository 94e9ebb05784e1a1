import type { ByteString } from '../byte-string.ts';
import type { HookName } from './hook-input.ts';

/** The directory in which git looks for hooks here, and what that means for whoever writes there. */
export interface HookDirectory {
  /** Absolute. */
  readonly path: ByteString;
  /** `core.hooksPath`, where it is set: its value, and whose configuration sets it, in git's words (`local`, `global`, …). */
  readonly setting: { readonly value: ByteString; readonly scope: string } | undefined;
  /**
   * `own`: inside of this repository's git directory. `versioned`: in the working tree, with files in it that git
   * tracks. `working-tree`: there too, untracked; what put it there may replace what is in it. `outside`: elsewhere,
   * so that other repositories may run the same hooks.
   */
  readonly kind: 'own' | 'versioned' | 'working-tree' | 'outside';
}

/**
 * How a hook stands.
 *
 * `absent`: git runs none. `foreign`: one of the user's alone. `current`: ours, as this version has it. `outdated`:
 * ours, of another version. `changed`: ours, but edited since. `nested`: ours, but another program moved it aside
 * and is to call it, as pre-commit does.
 */
export type HookState = 'absent' | 'foreign' | 'current' | 'outdated' | 'changed' | 'nested';

/** One hook of the directory. */
export interface HookStatus {
  readonly name: HookName;
  readonly state: HookState;
  /** Where git looks for it. Absolute. */
  readonly file: ByteString;
  /** Where ours is, which differs only for `nested`; undefined where it is not. Absolute. */
  readonly ours: ByteString | undefined;
  /** The version of this program that wrote ours. */
  readonly version: string | undefined;
  /** The user's hook that was here before: ours runs it first, if it may be executed (`runs`). */
  readonly before: { readonly file: ByteString; readonly runs: boolean } | undefined;
  /** Whether git runs what is at `file`: it is there and may be executed. */
  readonly runs: boolean;
}

/** Puts hooks into a repository and takes them out. */
export interface HookInstaller {
  readonly isBare: boolean;
  directory(): Promise<HookDirectory>;
  status(name: HookName): Promise<HookStatus>;
  /**
   * Puts ours there, as this version has it; the user's hook is moved aside and called by ours. Nothing is written
   * where it is current.
   *
   * @param status - just read; neither `changed` nor `foreign` with a `before`
   */
  install(status: HookStatus): Promise<'installed' | 'updated' | 'unchanged'>;
  /**
   * Takes ours away; what was there before is there again, byte for byte.
   *
   * @param status - just read; not `changed`
   */
  uninstall(status: HookStatus): Promise<'removed' | 'restored' | 'unchanged'>;
  /**
   * Says whether the policy has rules that protect refs which are not ours: only then do the scripts start this program
   * for a push that changes none of ours.
   */
  setProtecting(on: boolean): Promise<void>;
}
