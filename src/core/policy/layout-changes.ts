import { escapeText } from '../byte-string.ts';
import type { Policy } from './schema.ts';

/** What it means for whoever has a set's directory that the next policy lays it out otherwise: a sentence a set. */
export function layoutChanges(before: Policy, after: Policy): string[] {
  return Object.entries(after.sets).flatMap(([name, { path, layout = 'in-place' }]) => {
    const former = before.sets[name];
    if (former === undefined || (former.layout ?? 'in-place') === layout) return [];
    const [set, place] = [`set '${name}'`, `'${escapeText(path)}'`];
    return [
      layout === 'releases'
        ? `${set} is to be laid out in releases: no file is touched now; the next rollback or restore of it makes ${place} a link, and the directory the first release (docs/releases.md, "Turning it on")`
        : `${set} is to be laid out in releases no more: wherever ${place} is a link by then, every command that reads it is refused until the live release is made the directory; "git snapshot status" says what to type (docs/releases.md, "Turning it on")`,
    ];
  });
}
