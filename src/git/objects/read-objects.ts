import { MalformedError, SnapshotError } from '../../core/errors.ts';
import type { ObjectFormat, ObjectType, Oid } from '../../core/oid.ts';
import type { GitObject } from '../../core/ports.ts';
import type { CatFile, ObjectReceiver } from './cat-file.ts';
import { objectName } from './object-name.ts';

/** The largest object that is read into memory whole. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

/** Reads objects whole, in order, each checked against its name. @throws what the first one fails with */
export async function readObjects(catFile: CatFile, format: ObjectFormat, oids: readonly Oid[]): Promise<GitObject[]> {
  const collectors = oids.map((oid) => new Collector(oid, format));
  const failures = await catFile.read(collectors.map((receiver) => ({ oid: receiver.oid, receiver })));
  for (const failure of failures) if (failure !== undefined) throw failure;
  return collectors.map((collector) => collector.result());
}

/** Throws unless `text` is a type of object. */
export function checkedType(oid: Oid, text: string): ObjectType {
  if (text === 'blob' || text === 'tree' || text === 'commit' || text === 'tag') return text;
  throw new MalformedError(`object ${oid}`, `has the unknown type '${text}'`);
}

class Collector implements ObjectReceiver {
  readonly oid: Oid;
  readonly #format: ObjectFormat;
  #type: ObjectType = 'blob';
  #chunks: Buffer[] = [];
  #object: GitObject | undefined;

  constructor(oid: Oid, format: ObjectFormat) {
    this.oid = oid;
    this.#format = format;
  }

  begin(type: string, size: number): void {
    this.#type = checkedType(this.oid, type);
    if (size > MAX_OBJECT_BYTES) {
      throw new SnapshotError('git', `object ${this.oid} is too large to be read whole (${size} bytes)`, {
        hint: 'Look at it with "git cat-file".',
      });
    }
  }

  data(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  end(): void {
    const [first = Buffer.alloc(0), ...more] = this.#chunks;
    const bytes = more.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [];
    const name = objectName(this.#format, this.#type, bytes);
    if (name !== this.oid) throw new MalformedError(`object ${this.oid}`, `its content has the name ${name}`);
    this.#object = { oid: this.oid, type: this.#type, body: bytes.toString('latin1') };
  }

  result(): GitObject {
    if (this.#object === undefined) throw new Error(`object ${this.oid} was not read to its end`);
    return this.#object;
  }
}
