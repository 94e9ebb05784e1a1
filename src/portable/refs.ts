import { type ByteString, fromByteArray, quoteText, utf8Decode, utf8Encode } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { isOid, type Oid } from '../core/oid.ts';
import type { Ref } from '../core/ports.ts';
import type { PlainRepository } from './open-repository.ts';
import { parsePackedRefs } from './packed-refs.ts';

/** As git has it. */
const MAX_SYMBOLIC_DEPTH = 5;

/** What a name may not have in it: check-ref-format(1). */
const NOT_IN_NAME = /(?:^|\/)\.|\.\.|\.lock(?:\/|$)|@\{|\/\/|[/.]$|[^!-}\x80-\xff]|[\^:?*[\\]/;

/** A name, or the null object name where there is something, but nothing that names an object. */
type Loose = { readonly oid: Oid } | { readonly symbolic: ByteString };

/**
 * Refs below `prefix` (which ends in `/`), or the one ref of that very name, sorted by name.
 *
 * Symbolic refs are resolved. A ref that is broken, leads nowhere, or has a name that git forbids is listed with the null
 * object name: no object has it, so whoever follows the ref fails, and nobody takes it for absent.
 */
export async function listRefs(repository: PlainRepository, prefix: ByteString): Promise<Ref[]> {
  // Files first: git writes packed-refs before it removes a file that it packed.
  const loose = new Map<ByteString, Loose>();
  if (prefix.endsWith('/')) await readDirectory(repository, textOf(prefix), loose);
  else await readFile(repository, textOf(prefix), loose);
  const packed = await readPacked(repository);
  const refs = new Map<ByteString, Oid>();
  for (const [name, oid] of packed) {
    if (name === prefix || (prefix.endsWith('/') && name.startsWith(prefix))) refs.set(name, oid);
  }
  for (const [name, found] of loose) {
    refs.set(name, 'oid' in found ? found.oid : await resolve(repository, found.symbolic, packed));
  }
  return [...refs]
    .map(([name, oid]) => ({ name, oid: NOT_IN_NAME.test(name) ? nullOid(repository) : oid }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a ref names, or null if there is none. */
export async function readRef(repository: PlainRepository, name: ByteString): Promise<Oid | null> {
  return (await listRefs(repository, name)).find((ref) => ref.name === name)?.oid ?? null;
}

async function readPacked({ files, gitDir, format }: PlainRepository): Promise<ReadonlyMap<ByteString, Oid>> {
  const bytes = await files.read(`${gitDir}/packed-refs`);
  return parsePackedRefs(bytes === undefined ? '' : fromByteArray(bytes), format);
}

async function readDirectory(
  repository: PlainRepository,
  directory: string,
  found: Map<ByteString, Loose>,
): Promise<void> {
  const names = await repository.files.list(`${repository.gitDir}/${directory}`.replace(/\/+$/, ''));
  // A lock is a ref being written, not a ref.
  const refs = names.filter((name) => !name.endsWith('.lock'));
  const directories = await Promise.all(refs.map((name) => readFile(repository, `${directory}${name}`, found)));
  for (const [i, name] of refs.entries()) {
    if (directories[i] === 'directory') await readDirectory(repository, `${directory}${name}/`, found);
  }
}

/** Adds the ref of a file to `found`, unless there is none, or a directory. */
async function readFile(
  { files, gitDir, format }: PlainRepository,
  path: string,
  found: Map<ByteString, Loose>,
): Promise<'directory' | undefined> {
  const broken: Loose = { oid: nullOid({ format }) };
  const kind = await files.kind(`${gitDir}/${path}`);
  // A name that is not UTF-8 cannot be opened by the text that file systems make of it.
  if (kind === undefined && !path.includes('\ufffd')) return undefined;
  if (kind?.isDirectory()) return 'directory';
  const name = path.isWellFormed() ? utf8Encode(path) : utf8Encode(path.toWellFormed());
  if (kind === undefined) {
    found.set(name, broken);
  } else if (kind.isSymbolicLink()) {
    // Git once made symbolic refs so.
    const target = await files.target(`${gitDir}/${path}`);
    found.set(name, target?.isWellFormed() && isRef(utf8Encode(target)) ? { symbolic: utf8Encode(target) } : broken);
  } else {
    const bytes = await files.read(`${gitDir}/${path}`);
    if (bytes === undefined) return undefined;
    found.set(name, parseLoose(fromByteArray(bytes.subarray(0, 4096)), broken, format.hexLength));
  }
  return undefined;
}

function parseLoose(text: ByteString, broken: Loose, hexLength: number): Loose {
  const [, target] = /^ref:\s*(\S+)\s*$/.exec(text) ?? [];
  if (target !== undefined) return isRef(target) ? { symbolic: target } : broken;
  const [, oid] = /^([0-9a-f]+)\s*$/.exec(text) ?? [];
  return oid?.length === hexLength ? { oid: oid as Oid } : broken;
}

async function resolve(
  repository: PlainRepository,
  name: ByteString,
  packed: ReadonlyMap<ByteString, Oid>,
): Promise<Oid> {
  let target = name;
  for (let depth = 0; depth < MAX_SYMBOLIC_DEPTH; depth++) {
    const found = new Map<ByteString, Loose>();
    await readFile(repository, textOf(target), found);
    const loose = found.get(target);
    if (loose === undefined) return packed.get(target) ?? nullOid(repository);
    if ('oid' in loose) return loose.oid;
    target = loose.symbolic;
  }
  return nullOid(repository);
}

function isRef(name: ByteString): boolean {
  return name.startsWith('refs/') && !NOT_IN_NAME.test(name);
}

/** The name that no object has. */
function nullOid({ format }: Pick<PlainRepository, 'format'>): Oid {
  const none = '0'.repeat(format.hexLength);
  if (!isOid(none, format)) throw new Error('zeros are no object name');
  return none;
}

function textOf(name: ByteString): string {
  const text = utf8Decode(name);
  if (text !== undefined && name.startsWith('refs/') && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(name)) return text;
  throw new SnapshotError('git', `cannot look for the ref ${quoteText(name)} without git`, {
    hint: 'Use "git snapshot verify".',
  });
}
