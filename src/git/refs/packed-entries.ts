import type { ObjectFormat } from '../../core/oid.ts';
import { isOid, type Oid } from '../../core/oid.ts';

/** One ref as the file of packed refs has it. */
export interface PackedEntry {
  readonly name: string;
  readonly oid: Oid;
  /** What the tag names in the end; undefined for what is no tag. */
  readonly peeled: Oid | undefined;
}

/** A file of packed refs: its first line, and its refs sorted by name. */
export interface PackedFile {
  readonly head: string;
  readonly entries: readonly PackedEntry[];
}

/** What git calls packed refs until it commits them. */
export const PREPARED_REFS = 'packed-refs.new';

/** What comes in the place of {@link PREPARED_REFS}, until it is whole. */
export const ENTERED_REFS = `${PREPARED_REFS}.git-snapshot`;

/**
 * Reads packed refs as git has written them since 2018: sorted, and with what each tag names.
 *
 * @returns undefined for any other, and for a file with anything that git would not write
 */
export function parsePackedFile(text: string, format: ObjectFormat): PackedFile | undefined {
  const headEnd = text.indexOf('\n');
  const head = text.slice(0, headEnd);
  if (!/^# pack-refs with:.* fully-peeled .*sorted /.test(head) || !text.endsWith('\n')) return undefined;
  const entries: PackedEntry[] = [];
  const lines = text.slice(headEnd + 1, -1).split('\n');
  for (let k = 0; k < lines.length; k++) {
    const line = lines[k] ?? '';
    const [oid, name] = [line.slice(0, format.hexLength), line.slice(format.hexLength + 1)];
    const peeled = lines[k + 1]?.startsWith('^') ? lines[++k]?.slice(1) : undefined;
    const last = entries.at(-1);
    if (!isOid(oid, format) || line[format.hexLength] !== ' ' || (last !== undefined && last.name >= name))
      return undefined;
    if (peeled !== undefined && !isOid(peeled, format)) return undefined;
    entries.push({ name, oid, peeled });
  }
  return { head, entries };
}

/** The inverse of {@link parsePackedFile}. Entries may come in any order. */
export function printPackedFile({ head, entries }: PackedFile): string {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = sorted.map(({ name, oid, peeled }) => `${oid} ${name}\n${peeled === undefined ? '' : `^${peeled}\n`}`);
  return `${head}\n${lines.join('')}`;
}
