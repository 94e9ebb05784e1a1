import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Oid } from '../core/oid.ts';
import { isSystemError } from './files/file-error.ts';
import { fsPath } from './files/fs-path.ts';
import type { Repository } from './open-repository.ts';

const FORMAT = 1;

/** A row of a listing, named by its tag. */
interface Row {
  readonly tag: Oid;
}

/**
 * Keeps rows of listings in a file of the git directory, since reading thousands of tags takes longer than
 * starting the program. A file that cannot be read, or is of another format, counts as empty.
 */
export function openListingCache<T extends Row>({ commonDir, format }: Repository) {
  const directory = `${commonDir}/snapshot`;
  const file = `${directory}/listing-${format.name}.json`;
  return {
    read(): ReadonlyMap<Oid, T> {
      const content = parse(readIfThere(file)) as { format?: unknown; rows?: unknown } | undefined;
      if (content?.format !== FORMAT || !Array.isArray(content.rows)) return new Map();
      return new Map((content.rows as T[]).map((row) => [row.tag, row]));
    },
    write(rows: readonly T[]): void {
      const temporary = `${file}.${process.pid}.tmp`;
      try {
        mkdirSync(fsPath(directory), { recursive: true });
        writeFileSync(fsPath(temporary), JSON.stringify({ format: FORMAT, rows }));
        renameSync(fsPath(temporary), fsPath(file));
      } catch (error) {
        if (!isSystemError(error)) throw error;
      }
    },
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
