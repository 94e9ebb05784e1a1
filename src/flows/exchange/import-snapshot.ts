import type { ExpectedRef } from '../../core/audit/expected-refs.ts';
import { ExpectedRefs } from '../../core/audit/expected-refs.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Ref, RefUpdate } from '../../core/ports.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import type { VerifyResult } from '../results.ts';
import { failedChecks } from '../verify/judge-snapshot.ts';
import { verifySnapshots } from '../verify/verify-snapshots.ts';
import type { MeetingLogs } from './meet-log.ts';
import { meetLog } from './meet-log.ts';
import type { ImportResult } from './results.ts';
import type { FileToVerify, VerifiedFile } from './verify-file.ts';
import { verifyFile } from './verify-file.ts';

/** What importing takes. */
export interface Importing {
  readonly file: FileToVerify;
  /** The repository as it would be with the objects of the file: nothing is written, and nothing remembered. */
  readonly preview: Context;
  /** Stores the objects of the file in the repository, durably. */
  readonly bringObjects: () => Promise<void>;
  /** The repository read anew, with the objects that were brought. Closed by whoever gave it. */
  readonly reopen: () => Promise<Context>;
}

/**
 * Brings a snapshot from a file into this repository, where it was lost, or where there is nothing yet.
 *
 * The file is verified first, every byte. Nothing that is here is replaced: refs are made where there are none, and the log
 * goes on where the file's begins with it. All refs move in ONE transaction, after the objects.
 *
 * @throws {SnapshotError} `untrusted` for the file; `conflict` where it is of another repository, or its log of another history
 */
export async function importSnapshot(
  ctx: Context,
  tools: Importing,
  { dryRun }: { readonly dryRun: boolean },
): Promise<ImportResult> {
  const { name } = tools.file.received;
  const verified = await verifyFile(tools.file, { quick: false });
  requireGood(verified.result, `'${name}' is not to be trusted`);
  const met = await meetLog(ctx, tools.preview, { file: tools.file, verified });
  const expected = new ExpectedRefs(met.events).refs;
  const created = await refsToMake(ctx, verified, { expected, name });
  const moves = logUpdates(verified, met);
  const { set, id } = verified.refs;
  const result = async (outcome: ImportResult['outcome'], made: readonly Ref[]): Promise<ImportResult> => ({
    outcome,
    set,
    id,
    refs: made.map((ref) => ref.name),
    log: met.outcome,
    missing: await countMissing(ctx, expected, made),
  });
  const isMoved = created.length > 0 || moves.some(({ from, to }) => from !== to);
  if (!isMoved && (await isWhole(ctx, verified))) return result('nothing-to-do', []);
  if (dryRun) return result('planned', created);

  await tools.bringObjects();
  const updates = [...created.map(({ name: ref, oid }): RefUpdate => ({ name: ref, from: null, to: oid })), ...moves];
  await ctx.store.updateRefs(updates, `snapshot: import ${id}`);
  const anew = await tools.reopen();
  requireGood(
    await verifySnapshots(anew, { set, snapshots: [id], all: false, quick: false }),
    `snapshot '${id}' was brought in, and cannot be read`,
  );
  return result('imported', created);
}

function requireGood({ ok, results }: VerifyResult, what: string): void {
  if (ok) return;
  const reasons = failedChecks(results.flatMap(({ checks }) => checks)) ?? '';
  throw new SnapshotError('untrusted', `${what}: ${reasons}`, {
    hint: 'See "git snapshot verify --bundle FILE" for all checks, or take another copy.',
  });
}

/** The refs of the file that are not here. @throws {SnapshotError} of kind `conflict` for one that is here as something else */
async function refsToMake(
  ctx: Context,
  { refs: { snapshot, others } }: VerifiedFile,
  { expected, name: file }: { expected: ReadonlyMap<string, ExpectedRef>; name: string },
): Promise<Ref[]> {
  const created: Ref[] = [];
  for (const ref of [snapshot, ...others]) {
    const { name, oid } = ref;
    const found = await ctx.store.readRef(name);
    const wanted = expected.get(name)?.tag;
    if (found === oid) continue;
    if (wanted !== oid) {
      // Whoever said something else of a promotion since then moved their ref, and what was taken away has none.
      if (ref !== snapshot) continue;
      throw new SnapshotError('conflict', `the log here does not tell of '${name}' any more`, {
        hint: 'It was taken away on purpose: see "git snapshot log".',
      });
    }
    if (found !== null) {
      throw new SnapshotError('conflict', `'${name}' is at ${found}, and in '${file}' and in the log at ${oid}`, {
        hint: `Nothing was changed. Find out who moved it, then remove it with "git update-ref -d ${name}" and import again.`,
      });
    }
    created.push(ref);
  }
  return created;
}

/** Policy and log, where they are to be; those that stay are in the transaction too, so that they do. */
function logUpdates({ refs }: VerifiedFile, { outcome, policy, tip }: MeetingLogs): RefUpdate[] {
  const isKept = outcome === 'kept';
  return [
    { name: POLICY_REF, from: policy, to: isKept ? policy : refs.policy.oid },
    { name: LOG_REF, from: tip, to: isKept ? tip : refs.log.oid },
  ];
}

/** Whether all of the snapshot is here and can be read. */
async function isWhole(ctx: Context, { refs: { set, id } }: VerifiedFile): Promise<boolean> {
  try {
    return (await verifySnapshots(ctx, { set, snapshots: [id], all: false, quick: false })).ok;
  } catch (error) {
    if (error instanceof SnapshotError) return false;
    throw error;
  }
}

async function countMissing(
  ctx: Context,
  expected: ReadonlyMap<string, ExpectedRef>,
  made: readonly Ref[],
): Promise<number> {
  const here = new Set(made.map(({ name }) => name));
  let missing = 0;
  for (const name of expected.keys()) if (!here.has(name) && (await ctx.store.readRef(name)) === null) missing++;
  return missing;
}
