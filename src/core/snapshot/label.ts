import { hasUnsafeCharacters, quoteText } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';

/** A name and a value that people find and keep snapshots by. */
export interface Label {
  readonly key: string;
  readonly value: string;
}

/** The label of snapshots that a rollback takes of what it replaces. They are never `latest`. */
export const BACKUP_LABEL: Label = { key: 'auto', value: 'pre-rollback' };

/** The label of snapshots that a rehearsal takes, to have something to copy. They are backups like those of rollbacks. */
export const REHEARSAL_LABEL: Label = { key: 'auto', value: 'rehearsal' };

const BACKUP_LABELS = [BACKUP_LABEL, REHEARSAL_LABEL];

const KEY = /^[a-z0-9][a-z0-9._/-]{0,62}$/;

/** Whether these can be a label: a lower-case key, a value of at most 200 plain characters. */
export function isLabel({ key, value }: Label): boolean {
  return (
    typeof key === 'string' &&
    typeof value === 'string' &&
    KEY.test(key) &&
    value.length > 0 &&
    value.length <= 200 &&
    value === value.trim() &&
    value.isWellFormed() &&
    !hasUnsafeCharacters(value)
  );
}

/** Parses `key=value`. @throws {SnapshotError} of kind `usage` */
export function parseLabel(text: string): Label {
  const equals = text.indexOf('=');
  const label = { key: text.slice(0, equals), value: text.slice(equals + 1) };
  if (equals > 0 && isLabel(label)) return label;
  throw new SnapshotError('usage', `${quoteText(text)} is not a label`, {
    hint: "Write key=value; the key in lower-case letters, digits, '.', '_', '/' and '-'.",
  });
}

/** Sorted by key, then value, each once: the order in which a tag has them. */
export function sortLabels(labels: readonly Label[]): Label[] {
  return labels.toSorted(compareLabels).filter((label, i, sorted) => {
    const before = sorted[i - 1];
    return before === undefined || compareLabels(before, label) !== 0;
  });
}

function compareLabels(a: Label, b: Label): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.value === b.value ? 0 : a.value < b.value ? -1 : 1;
}

/** Whether a snapshot with `labels` was taken by the program itself, as the backup of what a rollback replaces or a rehearsal copies. */
export function isBackup(labels: readonly Label[]): boolean {
  return labels.some(({ key, value }) => BACKUP_LABELS.some((label) => label.key === key && label.value === value));
}
