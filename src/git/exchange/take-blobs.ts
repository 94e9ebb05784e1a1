import { MalformedError } from '../../core/errors.ts';
import type { BlobTaker, Bytes } from '../../core/exchange/port.ts';
import type { Oid } from '../../core/oid.ts';
import { objectHash } from '../objects/object-name.ts';
import type { Repository } from '../open-repository.ts';
import { gitFailure, spawnGit, startError } from '../run-git.ts';

const ARGS = ['fast-import', '--quiet', '--done', '--depth=0'];
// Of any size in constant memory, and into one pack.
const CONFIG = ['core.bigFileThreshold=8m', 'fastimport.unpackLimit=0'];

/**
 * Writes blobs into a pack as they come, over `git fast-import`, and names them.
 *
 * @param level - of compression: 0 where they are soon gone
 */
export function takeBlobs(repository: Repository, { what, level }: { what: string; level: number }): BlobTaker {
  const config = [...CONFIG, `pack.compression=${level}`, `core.compression=${level}`];
  const child = spawnGit(repository.place, ARGS, { config });
  const stderr: Buffer[] = [];
  let failure: unknown;
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdout.resume();
  const closed = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      failure = startError(error, repository.place);
      resolve();
    });
    child.on('close', (code, signal) => {
      if (code !== 0) failure ??= gitFailure(ARGS, code ?? signal ?? 'unknown', Buffer.concat(stderr));
      resolve();
    });
  });
  // Its exit, which follows, tells more.
  child.stdin.on('error', () => {});
  const write = async (chunk: Uint8Array | string) => {
    if (child.stdin.write(chunk)) return;
    const drained = new Promise<void>((resolve) => child.stdin.once('drain', resolve));
    await Promise.race([drained, closed]);
    if (failure !== undefined) throw failure;
  };
  return {
    add: async (size: number, content: Bytes) => {
      const name = objectHash(repository.format, 'blob', size);
      await write(`blob\ndata ${size}\n`);
      let left = size;
      for await (const chunk of content) {
        left -= chunk.length;
        if (left < 0) break;
        name.update(chunk);
        await write(chunk);
      }
      if (left !== 0) throw new MalformedError(what, 'a member has another size than it says');
      await write('\n');
      return name.digest('hex') as Oid;
    },
    finish: async () => {
      child.stdin.end('done\n');
      await closed;
      if (failure !== undefined) throw failure;
    },
    abandon: () => {
      child.kill();
    },
  };
}
