import type { ByteString } from '../core/byte-string.ts';
import { MalformedError } from '../core/errors.ts';
import { isOid, type ObjectFormat, type Oid } from '../core/oid.ts';

/**
 * Reads git's file of packed refs, names to objects, unpeeled.
 *
 * Accepts what `git pack-refs` writes and nothing else: a ref that a lenient reader passes over would be taken for absent.
 *
 * @throws {MalformedError} for any other line, a name that stands twice, names out of order where the header says that they
 * are in order, or a last line that is cut short
 */
export function parsePackedRefs(text: ByteString, format: ObjectFormat): ReadonlyMap<ByteString, Oid> {
  const refs = new Map<ByteString, Oid>();
  if (text === '') return refs;
  const lines = text.split('\n');
  const fault = (line: number, reason: string) => new MalformedError("'packed-refs'", `line ${line} ${reason}`);
  if (lines.pop() !== '') throw fault(lines.length + 1, 'is cut short');
  const sorted = lines[0]?.startsWith('# pack-refs with:') === true && / sorted(?: |$)/.test(lines[0]);
  let last: ByteString | undefined;
  let mayPeel = false;
  for (const [i, line] of lines.entries()) {
    if (i === 0 && line.startsWith('#')) continue;
    if (line.startsWith('^')) {
      if (!mayPeel || !isOid(line.slice(1), format)) throw fault(i + 1, 'is not what git writes');
      mayPeel = false;
      continue;
    }
    const oid = line.slice(0, format.hexLength);
    const name = line.slice(format.hexLength + 1);
    if (!isOid(oid, format) || line[format.hexLength] !== ' ' || name === '') {
      throw fault(i + 1, 'is not what git writes');
    }
    if (refs.has(name)) throw fault(i + 1, `names '${name}' once more`);
    if (sorted && last !== undefined && name < last) throw fault(i + 1, `names '${name}' out of order`);
    refs.set(name, oid);
    last = name;
    mayPeel = true;
  }
  return refs;
}
