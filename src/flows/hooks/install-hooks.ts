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
  const found = await statusOf(installer, chosen(installer, choice));
  // All, before any is written.
  requirePossible({ directory, found, force, command: installCommand(choice) });
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
  for (const status of found) requireUnchanged(status, 'git snapshot hooks uninstall');
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
  const directory = await installer.directory();
  const missing = found.filter((status) => wanted.includes(status.name) && !isInForce(status));
  return {
    directory,
    hooks: found.map((status) => ({ status, isWanted: wanted.includes(status.name) })),
    ok: missing.length === 0,
    hint: missing.length === 0 ? undefined : whatHelps({ directory, found: missing, command: installCommand(choice) }),
  };
}

/** What somebody would install, where, and what they would type for it. */
interface Installation {
  readonly directory: HookDirectory;
  readonly found: readonly HookStatus[];
  readonly command: string;
}

function installCommand({ names, server }: HookChoice): string {
  const options = [...(server ? ['--server'] : []), ...names.map((name) => `--hook ${name}`)];
  return ['git snapshot hooks install', ...options].join(' ');
}

/** The very hint that installing would end with, rather than one that leads to it. */
function whatHelps(installation: Installation): string {
  try {
    requirePossible({ ...installation, force: false });
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.hint === undefined) throw error;
    return error.hint;
  }
  return `Run "${installation.command}".`;
}

function requirePossible({ directory, found, force, command }: Installation & { readonly force: boolean }): void {
  requireSwitchedOn(directory);
  for (const status of found) requireRoom(status, command);
  if (!force) requireOwn(directory, command);
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

function requireUnchanged({ state, file }: HookStatus, command: string): void {
  if (state !== 'changed') return;
  throw new SnapshotError('conflict', `the hook '${displayBytes(file)}' was changed since it was installed`, {
    hint: `Move what was added into '${displayBytes(file)}.before-git-snapshot', which runs first. Then remove the hook (rm '${displayBytes(file)}'), and run "${command}".`,
  });
}

function requireRoom(status: HookStatus, command: string): void {
  requireUnchanged(status, command);
  const { state, file, before } = status;
  if (state !== 'foreign' || before === undefined) return;
  throw new SnapshotError('conflict', `there are both '${displayBytes(file)}' and '${displayBytes(before.file)}'`, {
    hint: `Make one hook of the two, remove the second, and run "${command}".`,
  });
}

function requireSwitchedOn({ path, setting }: HookDirectory): void {
  if (path !== '/dev/null') return;
  throw new SnapshotError(
    'config',
    `hooks are switched off (core.hooksPath, ${setting?.scope ?? 'unknown'} configuration)`,
    {
      hint: 'Run "git config --unset core.hooksPath" where it is set, or see "Hooks" in docs/operations.md.',
    },
  );
}

function requireOwn({ kind, path, setting }: HookDirectory, command: string): void {
  if (kind === 'own') return;
  const where = `the hooks directory '${displayBytes(path)}'`;
  const scope = setting === undefined ? '' : ` (core.hooksPath, ${setting.scope} configuration)`;
  if (kind === 'outside') {
    throw new SnapshotError('config', `${where}${scope} is not this repository's own: others may run the same hooks`, {
      hint: `Give this repository hooks of its own (see "Hooks" in docs/operations.md), or install there all the same: "${command} --force".`,
    });
  }
  const why = kind === 'versioned' ? 'is versioned, so everybody would get the change' : 'is in the working tree';
  throw new SnapshotError('config', `${where}${scope} ${why}`, {
    hint: `Call "git snapshot hook" from the hooks there (see "Hooks" in docs/operations.md), or install there all the same: "${command} --force".`,
  });
}
