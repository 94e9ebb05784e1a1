import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenToOthers } from '../core/doctor/port.ts';
import { codeOf } from './private-file.ts';

const OTHERS_ANY = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * What others may read or change in the user's directory, and should not: keys are secret, and whoever can change pins or memory
 * says what this user trusts. Sorted by name; links are looked at as they are.
 */
export function openToOthers(configDir: string): OpenToOthers[] {
  // Windows has no such permission bits.
  if (process.platform === 'win32') return [];
  const found: OpenToOthers[] = [];
  look(configDir, { isSecret: false, found });
  return found;
}

function look(path: string, { isSecret, found }: { isSecret: boolean; found: OpenToOthers[] }): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isSymbolicLink()) return;
  const isDirectory = stat.isDirectory();
  const mode = isDirectory ? 0o700 : 0o600;
  if ((stat.mode & OTHERS_WRITE) !== 0) found.push({ path, may: 'change', mode });
  else if (isSecret && !isDirectory && (stat.mode & OTHERS_ANY) !== 0) found.push({ path, may: 'read', mode });
  if (!isDirectory) return;
  for (const name of namesIn(path)) {
    const isKey = name === 'keys' || name === 'memory.key';
    look(join(path, name), { isSecret: isSecret || isKey, found });
  }
}

/** What cannot be read is told of elsewhere. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path).toSorted();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
}
