import * as git from 'isomorphic-git';
import { escapeText } from '../core/byte-string.ts';
import { MalformedError, MissingObjectError, SnapshotError } from '../core/errors.ts';
import type { ObjectType, Oid } from '../core/oid.ts';
import { checkDeltaChains } from './check-delta-chains.ts';
import { objectName } from './digest.ts';
import { shownPath } from './file-system.ts';
import type { PlainRepository } from './open-repository.ts';

/** An object as bytes. */
export interface RawObject {
  readonly type: ObjectType;
  readonly body: Uint8Array;
}

/** Packs are read whole; beyond this, isomorphic-git does not find its way in them, nor do some systems read them at once. */
const MAX_PACK_BYTES = 2 ** 31 - 1;

/** isomorphic-git keeps what it unpacked for as long as its cache lives: a new one is begun after this much. */
const MAX_CACHED_BYTES = 256 * 1024 * 1024;

const HEADER = /^(blob|tree|commit|tag) (0|[1-9][0-9]{0,15})\0/;
const PACK_INDEX_V2 = [0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2];

/** Reads objects, loose and packed, by isomorphic-git, and believes none whose bytes have another name. */
export class RawObjectReader {
  readonly #repository: PlainRepository;
  readonly #fs: git.PromiseFsClient;
  #cache: object = {};
  #cachedBytes = 0;

  constructor(repository: PlainRepository) {
    this.#repository = repository;
    this.#fs = { promises: readOnlyCalls(repository) };
  }

  /**
   * @throws {MissingObjectError} if the repository lacks it
   * @throws {MalformedError} if it is damaged, or its bytes have another name
   * @throws {SnapshotError} of kind `git` if a file cannot be read
   */
  async read(oid: Oid): Promise<RawObject> {
    const { type, body } = unwrap(oid, await this.#call(oid));
    const name = objectName(this.#repository.format, type, body);
    if (name !== oid) throw new MalformedError(`object ${oid}`, `its content has the name ${name}`);
    this.#cachedBytes += body.length;
    if (this.#cachedBytes > MAX_CACHED_BYTES) {
      this.#cache = {};
      this.#cachedBytes = 0;
    }
    return { type, body };
  }

  async #call(oid: Oid): Promise<git.ReadObjectResult> {
    const { gitDir } = this.#repository;
    try {
      // Loose objects come with their header, so that isomorphic-git does not hash them as well.
      return await git.readObject({ fs: this.#fs, gitdir: gitDir, oid, format: 'wrapped', cache: this.#cache });
    } catch (error) {
      if (error instanceof SnapshotError) throw error;
      if (error instanceof git.Errors.NotFoundError) throw new MissingObjectError(oid, { cause: error });
      // It throws plain errors of many sorts over damaged bytes; files that cannot be read were told apart above.
      if (!(error instanceof Error)) throw error;
      throw new MalformedError(`object ${oid}`, `cannot be read: ${escapeText(error.message)}`, { cause: error });
    }
  }
}

function unwrap(oid: Oid, result: git.ReadObjectResult): RawObject {
  const bytes: unknown = result.object;
  if (!(bytes instanceof Uint8Array)) throw new Error('isomorphic-git gave no bytes');
  if (result.format === 'content') return { type: checkedType(oid, result.type), body: bytes };
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  const [header = '', type, size] = HEADER.exec(start) ?? [];
  const body = bytes.subarray(header.length);
  if (type === undefined || Number(size) !== body.length) {
    throw new MalformedError(`object ${oid}`, 'has a malformed header');
  }
  return { type: checkedType(oid, type), body };
}

function checkedType(oid: Oid, text: string | undefined): ObjectType {
  if (text === 'blob' || text === 'tree' || text === 'commit' || text === 'tag') return text;
  throw new MalformedError(`object ${oid}`, `has the unknown type '${text ?? ''}'`);
}

/** The calls that isomorphic-git makes, over our reader: it would take some failures to read for absence. Nothing is written. */
function readOnlyCalls({ files }: PlainRepository): git.PromiseFsClient['promises'] {
  const refuse = async (): Promise<never> => {
    throw new Error('the repository is only read');
  };
  return {
    // It calls this one without a path, to see whether it gives promises.
    readFile: async (path?: string) => {
      if (path === undefined) throw absent();
      if (path.endsWith('.pack')) await refuseLarge(path, await files.size(path));
      const bytes = await files.read(path);
      if (bytes === undefined) throw absent();
      if (path.endsWith('.pack')) {
        const index = await files.read(path.replace(/pack$/, 'idx'));
        if (index === undefined) throw absent();
        checkDeltaChains({ pack: bytes, index }, `'${shownPath(path)}'`);
      }
      if (path.endsWith('.idx') && PACK_INDEX_V2.some((byte, i) => bytes[i] !== byte)) throw unknownIndex(path);
      return bytes;
    },
    readdir: (path: string) => files.list(path),
    stat: async (path: string) => {
      const directory = await files.isDirectory(path);
      return { isDirectory: () => directory, isFile: () => !directory, isSymbolicLink: () => false };
    },
    lstat: refuse,
    readlink: refuse,
    writeFile: refuse,
    mkdir: refuse,
    rmdir: refuse,
    unlink: refuse,
    symlink: refuse,
  };
}

async function refuseLarge(path: string, bytes: number | undefined): Promise<void> {
  if (bytes === undefined || bytes <= MAX_PACK_BYTES) return;
  throw new SnapshotError('git', `'${shownPath(path)}' is too large to be read without git (${bytes} bytes)`, {
    hint: 'Verify where git is installed, with "git snapshot verify".',
  });
}

function unknownIndex(path: string): SnapshotError {
  return new SnapshotError('git', `'${shownPath(path)}' is not a pack index of version 2`, {
    hint: 'Write it anew with "git index-pack", or verify where git is installed, with "git snapshot verify".',
  });
}

function absent(): Error {
  return Object.assign(new Error('no such file or directory'), { code: 'ENOENT' });
}
