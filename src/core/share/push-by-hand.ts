import { escapeText } from '../byte-string.ts';
import { GOVERNED_REFS, LOG_REF } from '../refs.ts';

/** The words that push refs with plain git, past the hook of the clone, which stops what would mend a remote, too. */
export function pushByHand(remote: string, refspecs: readonly string[]): string {
  const flags = refspecs.length > 1 ? ['--atomic'] : [];
  return ['git push --no-verify', ...flags, ...[remote, ...refspecs].map(shellWord)].join(' ');
}

/** The same for all that belongs to snapshots, with our log in the place of the one there. */
export function replaceLogByHand(remote: string): string {
  const others = GOVERNED_REFS.filter((name) => name.endsWith('/')).map((name) => `${name}*`);
  return pushByHand(remote, [`+${LOG_REF}`, ...others]);
}

function shellWord(text: string): string {
  const shown = escapeText(text);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replace(/'/g, "'\\''")}'`;
}
