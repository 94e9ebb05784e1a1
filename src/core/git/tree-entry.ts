import type { ByteString } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { ObjectFormat } from '../oid.ts';

/** Where an entry of a tree is: its mode and name as they are written, and where its object's name begins and ends. */
interface WrittenEntry {
  readonly mode: ByteString;
  readonly name: ByteString;
  readonly oidStart: number;
  readonly end: number;
}

/** Reads the entry of a tree that begins at `start`. Judges neither mode nor name. @throws {MalformedError} if it is cut short */
export function readEntry(
  body: ByteString,
  start: number,
  { format, what }: { readonly format: ObjectFormat; readonly what: string },
): WrittenEntry {
  const space = body.indexOf(' ', start);
  const nul = body.indexOf('\0', space);
  const oidStart = nul + 1;
  const end = oidStart + format.rawLength;
  if (space < 0 || nul < 0 || end > body.length) throw new MalformedError(what, 'the tree is cut short');
  return { mode: body.slice(start, space), name: body.slice(space + 1, nul), oidStart, end };
}
