import { displayBytes } from '../../core/byte-string.ts';
import { DIRECTORY, FILE, fileType } from '../../core/entry.ts';
import { MalformedError } from '../../core/errors.ts';
import type { ArchiveMember, ReceivedFile } from '../../core/exchange/port.ts';
import type { Oid } from '../../core/oid.ts';
import type { Verifying } from '../context.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { snapshotEntries } from '../snapshot/snapshot-entries.ts';
import { directoryOf, proofPath } from './archive-members.ts';

type Wanted = ReadonlyMap<string, { readonly mode: number; readonly oid: Oid | undefined }>;

/**
 * Takes the content of an archive in, held against the tree that the snapshot has: nothing more, nothing less, each under
 * its own path, with its own mode and bytes. The snapshot's tag has been judged: what it says bounds what is read.
 *
 * @throws {MalformedError} naming the first member that is not as it must be
 */
export async function takeContent(
  ctx: Verifying,
  { name, members, proof, takeBlobs }: ReceivedFile,
  stored: StoredSnapshot,
): Promise<void> {
  if (members === undefined) return;
  const what = `'${name}'`;
  const { snapshot } = stored;
  const wanted = await wantedMembers(ctx, stored);
  if (proof?.path !== proofPath(snapshot) || proof.mode !== (FILE | 0o644) || proof.atSec !== snapshot.tagger.atSec)
    throw new MalformedError(what, 'its proof is not where it must be');
  const seen = new Set<string>();
  const taker = takeBlobs();
  const progress = ctx.report.phase('Reading the archive');
  let bytes = 0;
  try {
    for await (const member of members) {
      const { oid } = expectedMember(member, { what, wanted, seen, atSec: snapshot.tagger.atSec });
      if (oid === undefined) continue;
      bytes += member.size;
      if (bytes > snapshot.bytes)
        throw new MalformedError(what, `holds more than the ${snapshot.bytes} bytes that were signed`);
      if ((await taker.add(member.size, member.content)) !== oid)
        throw new MalformedError(what, `'${displayBytes(member.path)}' is not what the snapshot has there`);
      progress(bytes, snapshot.bytes);
    }
    const [missing] = [...wanted.keys()].filter((path) => !seen.has(path));
    if (missing !== undefined)
      throw new MalformedError(
        what,
        `lacks ${wanted.size - seen.size} of what the snapshot has, '${displayBytes(missing)}' first`,
      );
    await taker.finish();
  } catch (error) {
    taker.abandon();
    throw error;
  }
}

async function wantedMembers(ctx: Verifying, { ref, snapshot }: StoredSnapshot): Promise<Wanted> {
  const { entries } = await snapshotEntries(ctx, { tree: snapshot.tree, modes: snapshot.modes, what: `'${ref}'` });
  const top = directoryOf(snapshot);
  const wanted = new Map<string, { mode: number; oid: Oid | undefined }>([[top, { mode: DIRECTORY, oid: undefined }]]);
  for (const { path, mode, oid } of entries)
    wanted.set(`${top}/${path}`, { mode, oid: fileType(mode) === DIRECTORY ? undefined : oid });
  return wanted;
}

function expectedMember(
  { path, mode, atSec }: ArchiveMember,
  expected: { what: string; wanted: Wanted; seen: Set<string>; atSec: number },
) {
  const { what, wanted, seen } = expected;
  const name = `'${displayBytes(path)}'`;
  const found = wanted.get(path);
  if (found === undefined) throw new MalformedError(what, `has ${name}, which the snapshot has not`);
  if (seen.has(path)) throw new MalformedError(what, `has ${name} twice`);
  seen.add(path);
  if (mode !== found.mode)
    throw new MalformedError(
      what,
      `${name} has mode ${mode.toString(8)}, and in the snapshot ${found.mode.toString(8)}`,
    );
  if (atSec !== expected.atSec) throw new MalformedError(what, `${name} has another time than the snapshot`);
  return found;
}
