import { formatBundleHeader } from '../../core/exchange/bundle-header.ts';
import type { Bytes, Exporting } from '../../core/exchange/port.ts';
import type { Repository } from '../open-repository.ts';
import { runGit } from '../run-git.ts';
import { gitBytes } from './git-bytes.ts';

/** A bundle of refs and all that they reach, as `git bundle create` writes it. */
export function writeBundle({ place }: Repository, refs: readonly string[]): Bytes {
  const stdin = refs.map((name) => `${name}\n`);
  return gitBytes(place, ['bundle', 'create', '--quiet', '-', '--stdin'], { stdin });
}

// All that the user's configuration, or the machine, could decide about the bytes of a pack.
const ALWAYS_THE_SAME = [
  '--no-reuse-object',
  '--no-reuse-delta',
  '--threads=1',
  '--window=10',
  '--depth=50',
  '--window-memory=0',
  '--compression=6',
  '--delta-base-offset',
];

/** A bundle without the content of the snapshot: refs, histories with all that they reach, and objects by themselves. */
export async function* writeProof(
  { place, format }: Repository,
  { refs, histories, objects }: Parameters<Exporting['proof']>[0],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(formatBundleHeader({ format, refs }), 'latin1');
  const { stdout } = await runGit(place, ['rev-list', '--objects', '--stdin'], {
    stdin: histories.map((oid) => `${oid}\n`).join(''),
  });
  yield* gitBytes(place, ['pack-objects', '--quiet', '--stdout', ...ALWAYS_THE_SAME], {
    stdin: [stdout.toString('latin1'), ...objects.map((oid) => `${oid}\n`)],
    config: ['core.bigFileThreshold=512m', 'pack.indexVersion=2'],
  });
}
