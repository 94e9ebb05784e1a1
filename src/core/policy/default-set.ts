/** The set that is meant where none is named, if there are several. */
export const DEFAULT_SET = 'artifacts';

/** What a command that is shown says of a set: ` --set models`, and nothing where it is the usual one. */
export function setWords(set: string): string {
  return set === DEFAULT_SET ? '' : ` --set ${set}`;
}
