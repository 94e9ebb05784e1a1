import { displayBytes } from '../../core/byte-string.ts';
import type { HookDirectory, HookStatus } from '../../core/share/hook-installation.ts';
import type { HooksChange, HooksStatus } from '../../flows/hooks/results.ts';

function directoryJson({ path, kind, setting }: HookDirectory) {
  return {
    path: displayBytes(path),
    kind,
    hooksPath: setting === undefined ? null : { value: displayBytes(setting.value), scope: setting.scope },
  };
}

function statusJson({ name, state, file, version, before, runs }: HookStatus) {
  return {
    name,
    state,
    file: displayBytes(file),
    runs,
    version: version ?? null,
    before: before === undefined ? null : { file: displayBytes(before.file), runs: before.runs },
  };
}

/** Of `hooks status --json`. */
export function hooksStatusJson({ directory, hooks, ok }: HooksStatus) {
  return {
    ok,
    directory: directoryJson(directory),
    hooks: hooks.map(({ status, isWanted }) => ({ ...statusJson(status), wanted: isWanted })),
  };
}

/** Of `hooks install --json` and `hooks uninstall --json`. */
export function hooksChangeJson({ directory, hooks }: HooksChange) {
  return {
    directory: directoryJson(directory),
    hooks: hooks.map(({ status, outcome }) => ({ ...statusJson(status), outcome })),
  };
}
