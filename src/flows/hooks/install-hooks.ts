import { displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { HOOK_NAMES, type HookName } from '../../core/share/hook-input.ts';
import type { HookDirectory, HookInstaller, HookStatus } from '../../core/share/hook-installation.ts';
import type { HookOutcome, HooksChange, HooksStatus } from './results.ts';

/** Which hooks are meant. */
export interface HookChoice {
  /** Empty: what this kind of repository wants. */
  readonly names: readonly HookName[];
  /** As for a repository that others push to, bare or not. */
  readonly server: boolean;
}

/**
 * Installs hooks into the directory in which git looks for them.
 *
 * @throws {SnapshotError} of kind `config` where that is more than this repository's own, unless `force`; `conflict`
 * where a hook of ours was edited
 */
export async function installHooks(
  installer: HookInstaller,
  { force, ...choice }: HookChoice & { readonly force: boolean },
): Promise<HooksChange> {
  const directory = await installer.directory();
  requireSwitchedOn(directory);
  if (!force) requireOwn(directory);
  const found = await statusOf(installer, chosen(installer, choice));
  // All, before any is written.
  for (const status of found) requireRoom(status);
  const hooks: HookOutcome[] = [];
  for (const status of found) {
    const outcome = await installer.install(status);
    hooks.push({ outcome, status: await installer.status(status.name) });
  }
  return { directory, hooks };
}

/**
 * Takes hooks of ours out; all of them, unless some are named.
 *
 * @throws {SnapshotError} of kind `conflict` where one was edited
 */
export async function uninstallHooks(
  installer: HookInstaller,
  { names }: Pick<HookChoice, 'names'>,
): Promise<HooksChange> {
  const found = await statusOf(installer, names.length === 0 ? HOOK_NAMES : names);
  for (const status of found) requireUnchanged(status);
  // Before the directory itself goes.
  const directory = await installer.directory();
  const hooks: HookOutcome[] = [];
  for (const status of found) {
    const outcome = await installer.uninstall(status);
    hooks.push({ outcome, status: await installer.status(status.name) });
  }
  return { directory, hooks };
}

/** How every hook stands that this program has a part in. */
export async function hooksStatus(installer: HookInstaller, choice: HookChoice): Promise<HooksStatus> {
  const wanted = chosen(installer, choice);
  const found = await statusOf(installer, HOOK_NAMES);
  const hooks = found.map((status) => ({ status, isWanted: wanted.includes(status.name) }));
  return {
    directory: await installer.directory(),
    hooks,
    ok: hooks.every(({ status, isWanted }) => !isWanted || isInForce(status)),
  };
}

function isInForce({ state, runs }: { readonly state: string; readonly runs: boolean }): boolean {
  return runs && (state === 'current' || state === 'nested');
}

function chosen({ isBare }: HookInstaller, { names, server }: HookChoice): readonly HookName[] {
  if (names.length > 0) return names;
  return server || isBare ? ['pre-receive', 'reference-transaction'] : ['pre-push', 'reference-transaction'];
}

async function statusOf(installer: HookInstaller, names: readonly HookName[]): Promise<HookStatus[]> {
  const found: HookStatus[] = [];
  for (const name of names) found.push(await installer.status(name));
  return found;
}

function requireUnchanged({ state, file }: HookStatus): void {
  if (state !== 'changed') return;
  throw new SnapshotError('conflict', `the hook '${displayBytes(file)}' was changed since it was installed`, {
    hint: 'Move what was added to a file of the same name with ".before-git-snapshot" after it, which runs first; remove the hook, and run the command again.',
  });
}

function requireRoom(status: HookStatus): void {
  requireUnchanged(status);
  const { state, file, before } = status;
  if (state !== 'foreign' || before === undefined) return;
  throw new SnapshotError('conflict', `there are both '${displayBytes(file)}' and '${displayBytes(before.file)}'`, {
    hint: 'Make one hook of the two, remove the second, and run the command again.',
  });
}

function requireSwitchedOn({ path, setting }: HookDirectory): void {
  if (path !== '/dev/null') return;
  throw new SnapshotError(
    'config',
    `hooks are switched off (core.hooksPath, ${setting?.scope ?? 'unknown'} configuration)`,
    {
      hint: 'Unset core.hooksPath, or see "Hooks" in docs/operations.md.',
    },
  );
}

function requireOwn({ kind, path, setting }: HookDirectory): void {
  if (kind === 'own') return;
  const where = `the hooks directory '${displayBytes(path)}'`;
  const scope = setting === undefined ? '' : ` (core.hooksPath, ${setting.scope} configuration)`;
  if (kind === 'outside') {
    throw new SnapshotError('config', `${where}${scope} is not this repository's own: others may run the same hooks`, {
      hint: 'Give this repository hooks of its own (see "Hooks" in docs/operations.md), or use --force to install there.',
    });
  }
  const why = kind === 'versioned' ? 'is versioned, so everybody would get the change' : 'is in the working tree';
  throw new SnapshotError('config', `${where}${scope} ${why}`, {
    hint: 'Call "git snapshot hook" from the hooks there (see "Hooks" in docs/operations.md), or use --force to install there.',
  });
}
