import type { HookDirectory, HookStatus } from '../../core/share/hook-installation.ts';

/** What became of a hook, and how it stands now. */
export interface HookOutcome {
  readonly outcome: 'installed' | 'updated' | 'removed' | 'restored' | 'unchanged';
  readonly status: HookStatus;
}

/** What installing or uninstalling did. */
export interface HooksChange {
  readonly directory: HookDirectory;
  readonly hooks: readonly HookOutcome[];
}

/** How the hooks of a repository stand. */
export interface HooksStatus {
  readonly directory: HookDirectory;
  readonly hooks: readonly { readonly status: HookStatus; readonly isWanted: boolean }[];
  /** Whether git runs all that are wanted, as this version has them, and they can let anything pass. */
  readonly ok: boolean;
  /** Where not: what to do, one or more sentences. */
  readonly hint: string | undefined;
}
