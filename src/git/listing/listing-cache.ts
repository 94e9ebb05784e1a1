import { isAscii } from 'node:buffer';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { readJsonObject } from '../../core/json-object.ts';
import type { Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import { SNAPSHOT_REFS } from '../../core/refs.ts';
import type { SnapshotSummary } from '../../core/snapshot/snapshot-info.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';

const FORMAT = 3;

/** What names a row: the tag, and the ref that it was found at. */
export type Named = Pick<SnapshotSummary, 'tag' | 'ref' | 'set' | 'id'>;

/** How the rows of one file are written. */
export interface RowKind<Row extends Named, Common extends object> {
  /** Begins the name of the file. */
  readonly name: string;
  /** What differs from one row to the next. What has a tab or a line feed in it makes the row one that cannot be kept. */
  fields(row: Row): readonly (string | number)[];
  /** What most rows have in common: in the file once, as JSON, however many rows have it. */
  common(row: Row): Common;
  /** The same as it was read, or undefined for what is nothing of that kind: a repository may have come as a gift. */
  readCommon(found: Readonly<Record<string, unknown>>): Common | undefined;
  /**
   * The row that was written so, or undefined.
   *
   * @param fields - the place of what it has in common with others, and its fields, each after a tab
   * @param commons - what rows have in common; undefined for what could not be read
   */
  row(named: Named, fields: string, commons: readonly (Common | undefined)[]): Row | undefined;
}

/**
 * Keeps rows of listings in a file of the git directory, since reading thousands of tags takes longer than
 * starting the program. A file that cannot be read, or is of another format, counts as empty, and so does such a row.
 *
 * The file has a line of JSON with what rows share, then a line a row: the tag, set and id, the place of what it shares, and
 * its fields, with tabs between them. That is read in half the time of JSON, and where refs come in the
 * order of the lines, no line is read but theirs.
 */
export function openListingCache<Row extends Named, Common extends object>(
  { commonDir, format }: Repository,
  kind: RowKind<Row, Common>,
) {
  const directory = `${commonDir}/snapshot`;
  const file = `${directory}/${kind.name}-${format.name}.txt`;
  const read = () => new ListingFile(readIfThere(file), kind, format.hexLength);
  return {
    find: (refs: readonly Ref[]): (Row | undefined)[] => read().find(refs),
    all: (): Row[] => read().all(),
    write(rows: readonly Row[]): void {
      const temporary = `${file}.${process.pid}.tmp`;
      try {
        mkdirSync(fsPath(directory), { recursive: true });
        writeFileSync(fsPath(temporary), encode(rows, kind));
        renameSync(fsPath(temporary), fsPath(file));
      } catch (error) {
        if (!isSystemError(error)) throw error;
      }
    },
  };
}

function encode<Row extends Named, Common extends object>(rows: readonly Row[], kind: RowKind<Row, Common>): string {
  const places = new Map<string, number>();
  const lines = rows.flatMap((row) => {
    const common = JSON.stringify(kind.common(row));
    const place = places.get(common) ?? places.size;
    const line = [row.tag, row.ref.slice(SNAPSHOT_REFS.length), place, ...kind.fields(row)];
    if (line.some((field) => /[\t\n]/.test(String(field)))) return [];
    places.set(common, place);
    return `${line.join('\t')}\n`;
  });
  return `{"format":${FORMAT},"common":[${[...places.keys()].join(',')}]}\n${lines.join('')}`;
}

class ListingFile<Row extends Named, Common extends object> {
  readonly #text: string;
  readonly #kind: RowKind<Row, Common>;
  readonly #hexLength: number;
  /** What rows share; none where the file is not one that we read. */
  readonly #common: readonly (Common | undefined)[];
  /** Where the first line of a row begins. */
  readonly #start: number;
  /** Where the line of each tag begins: made when refs come in another order. */
  #index: ReadonlyMap<string, number> | undefined;

  constructor(text: string, kind: RowKind<Row, Common>, hexLength: number) {
    this.#text = text;
    this.#kind = kind;
    this.#hexLength = hexLength;
    this.#start = text.indexOf('\n') + 1;
    const { format, common } = readJsonObject(text.slice(0, this.#start)) ?? {};
    const found: readonly unknown[] = format === FORMAT && Array.isArray(common) ? common : [];
    this.#common = found.map((one) => (isRecord(one) ? kind.readCommon(one) : undefined));
  }

  /** The rows of these refs, in their order; undefined for those that it does not have. */
  find(refs: readonly Ref[]): (Row | undefined)[] {
    if (this.#common.length === 0) return refs.map(() => undefined);
    let next = this.#start;
    return refs.map((ref) => {
      const at = this.#text.startsWith(ref.oid, next) ? next : this.#lineOf(ref.oid);
      const end = at === undefined ? -1 : this.#text.indexOf('\n', at);
      if (at === undefined || end < 0) return undefined;
      next = end + 1;
      return this.#row(ref, at, end);
    });
  }

  /** Every row. */
  all(): Row[] {
    if (this.#common.length === 0) return [];
    return [...this.#lines()].flatMap(({ from, end }) => {
      const [oid = '', setAndId = ''] = this.#text.slice(from, end).split('\t', 2);
      return this.#row({ name: `${SNAPSHOT_REFS}${setAndId}`, oid: oid as Oid }, from, end) ?? [];
    });
  }

  /** The row in a line that begins with the ref's tag; undefined where it is of another ref, or none. */
  #row({ name, oid }: Ref, from: number, end: number): Row | undefined {
    const setAndId = name.slice(SNAPSHOT_REFS.length);
    const rest = from + oid.length + 1;
    if (!this.#text.startsWith(setAndId, rest)) return undefined;
    const slash = setAndId.indexOf('/');
    const named = { tag: oid, ref: name, set: setAndId.slice(0, slash), id: setAndId.slice(slash + 1) };
    return this.#kind.row(named, this.#text.slice(rest + setAndId.length, end), this.#common);
  }

  #lineOf(oid: Oid): number | undefined {
    this.#index ??= this.#indexed();
    return this.#index.get(oid);
  }

  #indexed(): Map<string, number> {
    const index = new Map<string, number>();
    for (const { from } of this.#lines()) index.set(this.#text.slice(from, from + this.#hexLength), from);
    return index;
  }

  /** Without the last one, where it has no end. */
  *#lines(): Generator<{ readonly from: number; readonly end: number }> {
    for (let from = this.#start; from > 0; ) {
      const end = this.#text.indexOf('\n', from);
      if (end < 0) return;
      yield { from, end };
      from = end + 1;
    }
  }
}

function readIfThere(file: ByteString): string {
  try {
    const bytes = readFileSync(fsPath(file));
    // As mostly, and then in half the time and room.
    return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
  } catch (error) {
    // Too large a file is no failed system call.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
