import type { ByteString } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { ObjectFormat } from '../oid.ts';
import { isOid, SHA1, SHA256 } from '../oid.ts';
import type { Ref } from '../ports.ts';

/** Longer ones are not read: a snapshot has few refs. */
export const MAX_BUNDLE_HEADER_BYTES = 16 * 1024 * 1024;

/** What stands before the pack in a bundle of git. */
export interface BundleHeader {
  readonly format: ObjectFormat;
  readonly refs: readonly Ref[];
}

/** The header, with the empty line that ends it: version 2, or 3 where objects are named by SHA-256. */
export function formatBundleHeader({ format, refs }: BundleHeader): ByteString {
  const start = format.name === SHA1.name ? '# v2 git bundle\n' : `# v3 git bundle\n@object-format=${format.name}\n`;
  return `${start}${refs.map(({ oid, name }) => `${oid} ${name}\n`).join('')}\n`;
}

/**
 * Reads a header. A bundle that builds on objects it does not have, or that leaves some out, is no backup.
 *
 * @param header - without the empty line
 * @throws {MalformedError}
 */
export function parseBundleHeader(header: ByteString, what: string): BundleHeader {
  const [signature, ...lines] = header.split('\n');
  if (signature !== '# v2 git bundle' && signature !== '# v3 git bundle')
    throw new MalformedError(what, 'is not a bundle of a version that is known');
  let format: ObjectFormat = SHA1;
  const refs = new Map<string, Ref>();
  for (const line of lines) {
    if (line.startsWith('@')) {
      if (signature !== '# v3 git bundle' || refs.size > 0) throw new MalformedError(what, `has an odd line '${line}'`);
      format = formatOf(line, what);
      continue;
    }
    if (line.startsWith('-')) {
      throw new MalformedError(what, 'builds on objects that it does not have', {
        hint: 'Export the snapshot again: a backup holds all that it needs.',
      });
    }
    const [, oid = '', name = ''] = /^([0-9a-f]+) (refs\/[^ ]+)$/.exec(line) ?? [];
    if (!isOid(oid, format)) throw new MalformedError(what, `has an odd line '${line}'`);
    if (refs.has(name)) throw new MalformedError(what, `names '${name}' twice`);
    refs.set(name, { name, oid });
  }
  const read = { format, refs: [...refs.values()] };
  if (formatBundleHeader(read) === `${header}\n\n`) return read;
  throw new MalformedError(what, 'has a list of refs that git would not write so');
}

function formatOf(capability: string, what: string): ObjectFormat {
  const found = [SHA1, SHA256].find(({ name }) => capability === `@object-format=${name}`);
  if (found === undefined) throw new MalformedError(what, `asks for what is not known: '${capability}'`);
  return found;
}
