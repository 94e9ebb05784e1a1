import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Oid } from '../core/oid.ts';
import { isSystemError } from './files/file-error.ts';
import { fsPath } from './files/fs-path.ts';
import type { Repository } from './open-repository.ts';

const FORMAT = 2;

/** What differs from one snapshot to the next: a column of the file each. */
interface Columns {
  readonly tag: Oid;
  readonly set: string;
  readonly id: string;
  readonly ref: string;
  readonly tree: Oid;
  readonly payload: string;
  readonly manifest: string;
  readonly previous: string | undefined;
  readonly files: number;
  readonly bytes: number;
  readonly takenAtSec: number;
  readonly message: string;
}

/** What most snapshots have in common: in the file once, however many rows have it. */
interface Common {
  readonly tagger: unknown;
  readonly body: unknown;
  readonly path: unknown;
  readonly labels: unknown;
  readonly context: unknown;
  readonly source: unknown;
  readonly policy: unknown;
}

/** A row of a listing, named by its tag. */
type Row = Columns & Common;

/**
 * Keeps rows of listings in a file of the git directory, since reading thousands of tags takes longer than
 * starting the program. A file that cannot be read, or is of another format, counts as empty, and so does such a row.
 *
 * The file has a line of JSON with what rows share, then a line a row, its fields between tabs: that is read in half
 * the time of JSON.
 */
export function openListingCache<T extends Row>({ commonDir, format }: Repository) {
  const directory = `${commonDir}/snapshot`;
  const file = `${directory}/listing-${format.name}.txt`;
  return {
    read(): ReadonlyMap<Oid, T> {
      return decode(readIfThere(file)) as ReadonlyMap<Oid, Row> as ReadonlyMap<Oid, T>;
    },
    write(rows: readonly T[]): void {
      const temporary = `${file}.${process.pid}.tmp`;
      try {
        mkdirSync(fsPath(directory), { recursive: true });
        writeFileSync(fsPath(temporary), encode(rows));
        renameSync(fsPath(temporary), fsPath(file));
      } catch (error) {
        if (!isSystemError(error)) throw error;
      }
    },
  };
}

function encode(rows: readonly Row[]): string {
  const places = new Map<string, number>();
  const lines = rows.flatMap((row) => {
    const { tagger, body, path, labels, context, source, policy } = row;
    const common = JSON.stringify({ tagger, body, path, labels, context, source, policy });
    const place = places.get(common) ?? places.size;
    const { tag, set, id, ref, tree, payload, manifest, previous = '', files, bytes, takenAtSec, message } = row;
    const fields = [tag, set, id, ref, tree, payload, manifest, previous, files, bytes, takenAtSec, message, place];
    // Such a message cannot stand in the file; its tag is read each time.
    if (/[\t\n]/.test(message)) return [];
    places.set(common, place);
    return `${fields.join('\t')}\n`;
  });
  return `{"format":${FORMAT},"common":[${[...places.keys()].join(',')}]}\n${lines.join('')}`;
}

function decode(text: string): Map<Oid, Row> {
  const rows = new Map<Oid, Row>();
  let at = text.indexOf('\n') + 1;
  const head = parse(text.slice(0, at)) as { format?: unknown; common?: unknown } | undefined;
  if (head?.format !== FORMAT || !Array.isArray(head.common)) return rows;
  const commons: readonly (Common | undefined)[] = head.common;
  for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
    const row = decodeRow(text.slice(at, end), commons);
    if (row !== undefined) rows.set(row.tag, row);
    at = end + 1;
  }
  return rows;
}

// Spelled out: copying properties in a loop, or by spreading, takes several times as long.
function decodeRow(line: string, commons: readonly (Common | undefined)[]): Row | undefined {
  const [tag, set, id, ref, tree, payload, manifest, previous, files, bytes, takenAtSec, message, place] =
    line.split('\t');
  const common = commons[Number(place)];
  if (tag === undefined || set === undefined || id === undefined || ref === undefined || tree === undefined)
    return undefined;
  if (payload === undefined || manifest === undefined || message === undefined || common === undefined)
    return undefined;
  return {
    tag: tag as Oid,
    set,
    id,
    ref,
    tree: tree as Oid,
    payload,
    manifest,
    previous: previous === '' ? undefined : previous,
    files: Number(files),
    bytes: Number(bytes),
    takenAtSec: Number(takenAtSec),
    message,
    tagger: common.tagger,
    body: common.body,
    path: common.path,
    labels: common.labels,
    context: common.context,
    source: common.source,
    policy: common.policy,
  };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(fsPath(file), 'utf8');
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
