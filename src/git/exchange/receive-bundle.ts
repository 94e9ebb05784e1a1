import { statSync } from 'node:fs';
import { MalformedError } from '../../core/errors.ts';
import type { BundleHeader } from '../../core/exchange/bundle-header.ts';
import { MAX_BUNDLE_HEADER_BYTES, parseBundleHeader } from '../../core/exchange/bundle-header.ts';
import type { Bytes } from '../../core/exchange/port.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { describeStderr } from '../run-git.ts';
import { feedGit } from './feed-git.ts';
import { strictOption } from './strictness.ts';

/**
 * Takes a bundle in: its pack into the repository that `repositoryFor` gives, once the names of objects are known. Moves no refs.
 *
 * @param isWhole - no content comes otherwise: git checks every object, and that none is missing
 *
 * @throws {MalformedError}
 */
export async function receiveBundle(
  chunks: Bytes,
  {
    what,
    isWhole,
    repositoryFor,
  }: {
    readonly what: string;
    readonly isWhole: boolean;
    readonly repositoryFor: (format: ObjectFormat) => Promise<Repository>;
  },
): Promise<{ readonly repository: Repository; readonly refs: BundleHeader['refs'] }> {
  const { header, rest } = await splitHeader(chunks, what);
  const { format, refs } = parseBundleHeader(header, what);
  const repository = await repositoryFor(format);
  const check = isWhole ? [await strictOption(repository)] : [];
  const counted = { bytes: 0 };
  const chunksOfPack = counting(rest, counted);
  const { code, stdout, stderr } = await feedGit(repository.place, ['index-pack', '--stdin', ...check], {
    chunks: chunksOfPack,
  });
  if (code !== 0) {
    throw new MalformedError(what, `git refuses what is in it: ${describeStderr(stderr)}`, {
      hint: 'It was cut short or changed. Copy it again from where it came.',
    });
  }
  const [, name] = /^pack\t([0-9a-f]{40,64})\n/.exec(stdout.toString('latin1')) ?? [];
  if (name === undefined) throw new Error('git index-pack did not say what it made');
  // Git reads a pack to its end, and does not care what comes after it.
  if (statSync(fsPath(`${repository.objectDirectory}/pack/pack-${name}.pack`)).size !== counted.bytes)
    throw new MalformedError(what, 'has something after its end');
  return { repository, refs };
}

async function* counting(chunks: Bytes, counted: { bytes: number }): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    counted.bytes += chunk.length;
    yield chunk;
  }
}

const END_OF_HEADER = '\n\n';

async function splitHeader(chunks: Bytes, what: string): Promise<{ header: string; rest: Bytes }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  for (;;) {
    const end = start.indexOf(END_OF_HEADER);
    if (end >= 0) {
      const rest = async function* () {
        yield start.subarray(end + END_OF_HEADER.length);
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
      };
      return { header: start.toString('latin1', 0, end), rest: rest() };
    }
    const next = await iterator.next();
    if (next.done || start.length > MAX_BUNDLE_HEADER_BYTES)
      throw new MalformedError(what, 'has no end of its list of refs');
    start = Buffer.concat([start, next.value]);
  }
}
