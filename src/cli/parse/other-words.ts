/** What people type who know other programs, and our commands that do it, or are closest to it. */
const OTHER_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['commit', ['create']],
  ['delete', ['prune', 'erase']],
  ['remove', ['prune', 'erase']],
  ['rm', ['prune', 'erase']],
  ['save', ['create']],
]);

/** Our commands for a word of other programs; none where there are none. */
export function commandsFor(word: string): readonly string[] {
  return OTHER_WORDS.get(word) ?? [];
}
