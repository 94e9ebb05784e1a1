import { readFileSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { once } from '../../core/once.ts';
import { HOOK_NAMES, type HookName } from '../../core/share/hook-input.ts';
import type { HookInstaller, HookState, HookStatus } from '../../core/share/hook-installation.ts';
import type { Repository } from '../open-repository.ts';
import { hookDirectory } from './hook-directory.ts';
import {
  isExecutable,
  isThere,
  makeDirectory,
  moveFile,
  namesIn,
  readFileIfThere,
  removeDirectoryIfEmpty,
  removeFile,
  writeScript,
} from './hook-files.ts';
import { markScript, readScript } from './hook-script.ts';
import { markProtecting } from './protect-marker.ts';

/** What an installer of hooks is made for. */
export interface HookInstallerOptions {
  /** The directory of the scripts that come with this program. */
  readonly scripts: URL;
  readonly version: string;
}

/** What hooks of the user's are called while ours are in their place. The scripts know the name too. */
const BEFORE = '.before-git-snapshot';

/** Installs hooks into the directory in which git looks for them. */
export function openHookInstaller(repository: Repository, options: HookInstallerOptions): HookInstaller {
  const directory = once(() => hookDirectory(repository));
  const bodyOf = (name: HookName) => readFileSync(new URL(name, options.scripts), 'latin1');

  return {
    isBare: repository.topLevel === null,
    directory,
    status: async (name) => hookStatus((await directory()).path, name, bodyOf(name)),

    install: async ({ name, file, state, runs }) => {
      if (state === 'nested' || (state === 'current' && runs)) return 'unchanged';
      const made = state === 'absent' && makeDirectory((await directory()).path);
      const madeDirectory = made || madeForOurs((await directory()).path);
      const text = markScript(bodyOf(name), { version: options.version, madeDirectory });
      writeScript(file, { text, aside: state === 'foreign' ? `${file}${BEFORE}` : null });
      return state === 'current' || state === 'outdated' ? 'updated' : 'installed';
    },

    uninstall: async ({ file, ours, before, state }) => {
      if (ours === undefined) {
        // Somebody removed ours alone.
        if (state !== 'absent' || before === undefined) return 'unchanged';
        moveFile(before.file, file);
        return 'restored';
      }
      const script = readScript(readFileIfThere(ours) ?? '');
      if (before === undefined) removeFile(ours);
      else moveFile(before.file, ours);
      if (script?.madeDirectory) removeDirectoryIfEmpty((await directory()).path);
      return before === undefined ? 'removed' : 'restored';
    },

    setProtecting: async (on) => markProtecting(repository, on),
  };
}

function madeForOurs(directory: ByteString): boolean {
  return HOOK_NAMES.some((name) => readScript(readFileIfThere(`${directory}/${name}`) ?? '')?.madeDirectory === true);
}

function hookStatus(directory: ByteString, name: HookName, body: ByteString): HookStatus {
  const file = `${directory}/${name}`;
  const aside = `${file}${BEFORE}`;
  const text = readFileIfThere(file);
  const script = text === undefined ? undefined : readScript(text);
  const nested = script === undefined ? findNested(directory, name) : undefined;
  const found = script ?? nested?.script;
  return {
    name,
    file,
    ours: script !== undefined ? file : nested?.file,
    version: found?.version,
    before: isThere(aside) ? { file: aside, runs: isExecutable(aside) } : undefined,
    runs: isExecutable(file),
    state: stateOf(),
  };

  function stateOf(): HookState {
    if (script !== undefined) {
      if (!script.isIntact) return 'changed';
      return script.body === body ? 'current' : 'outdated';
    }
    if (text === undefined && !isThere(file)) return 'absent';
    return nested === undefined ? 'foreign' : 'nested';
  }
}

/** Ours under another name, such as `pre-push.legacy`: a program that installs hooks moved it there. */
function findNested(directory: ByteString, name: HookName) {
  for (const entry of namesIn(directory)) {
    if (!entry.startsWith(`${name}.`) || entry === `${name}${BEFORE}`) continue;
    const script = readScript(readFileIfThere(`${directory}/${entry}`) ?? '');
    if (script?.isIntact) return { file: `${directory}/${entry}`, script };
  }
  return undefined;
}
