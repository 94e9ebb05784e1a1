import { ExpectedRefs } from '../../core/audit/expected-refs.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { MalformedError } from '../../core/errors.ts';
import type { ReceivedFile } from '../../core/exchange/port.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { Verifying } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { openLog } from '../log/open-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { CheckResult, VerifyResult } from '../results.ts';
import { readSnapshot } from '../snapshot/read-snapshots.ts';
import { checkContent, readContent } from '../verify/check-content.ts';
import { openJudge } from '../verify/judge-snapshot.ts';
import { judgeTags } from '../verify/judge-tags.ts';
import type { FileRefs } from './related-refs.ts';
import { fileRefs } from './related-refs.ts';
import { takeContent } from './take-content.ts';

/** A file that was taken in, and how the repository is read that it was taken into. */
export interface FileToVerify {
  readonly received: ReceivedFile;
  readonly ctx: Verifying;
}

/** What a file came to. */
export interface VerifiedFile {
  readonly result: VerifyResult;
  readonly refs: FileRefs;
  readonly trusted: TrustedPolicy;
  readonly log: Log;
}

/**
 * Verifies an export by nothing but itself and the pin: the policy, the log and the snapshot as in a repository, and
 * that the file holds what belongs to them and nothing else. Content is read once the tag is known to be good.
 *
 * @throws {SnapshotError} `untrusted` for a file that is not of this form, or whose policy is not to be trusted
 */
export async function verifyFile(
  { received, ctx }: FileToVerify,
  { quick }: { readonly quick: boolean },
): Promise<VerifiedFile> {
  const what = `'${received.name}'`;
  const refs = fileRefs(received.refs, what);
  await takeRefs({ received, ctx });
  const trusted = await loadPolicy(ctx);
  const log = await openLog(ctx, trusted);
  const stored = await readSnapshot(ctx, refs.snapshot);
  const judge = await openJudge(ctx, trusted);
  const checks = [...(await judge(stored)), checkRefs(refs, log.events)];
  const isGood = () => checks.every(({ ok }) => ok);
  if (refs.others.length > 0 && isGood())
    checks.push(await checkPromotions(ctx, trusted, { refs, events: log.events }));
  if (!quick && isGood()) {
    await takeContent(ctx, received, stored);
    checkContent(ctx, [{ snapshot: stored, checks }], await readContent(ctx, [stored]));
    checks.push(await checkExcess(received));
  }
  const ok = isGood();
  return { result: { ok, results: [{ set: refs.set, id: refs.id, ok, checks }] }, refs, trusted, log };
}

/** Makes the refs that the file names. @throws {MalformedError} where it does not have what they name */
async function takeRefs({ received, ctx }: FileToVerify): Promise<void> {
  const there = await ctx.store.describeObjects(received.refs.map(({ oid }) => oid));
  for (const { name, oid } of received.refs) {
    if (!there.has(oid)) throw new MalformedError(`'${received.name}'`, `lacks ${oid}, which '${name}' names`);
    const expected = name === LOG_REF || name === POLICY_REF ? 'commit' : 'tag';
    if (there.get(oid)?.type !== expected)
      throw new MalformedError(`'${received.name}'`, `'${name}' names no ${expected}`);
  }
  const updates = received.refs.map(({ name, oid }) => ({ name, from: null, to: oid }));
  await ctx.store.updateRefs(updates, 'snapshot: taken in from a file');
}

function checkRefs({ snapshot, others }: FileRefs, events: readonly LoggedEvent[]): CheckResult {
  const expected = new ExpectedRefs(events).refs;
  const odd = [snapshot, ...others].find(({ name, oid }) => expected.get(name)?.tag !== oid);
  if (odd !== undefined)
    return { check: 'refs', ok: false, detail: `the log does not tell of '${odd.name}' at ${odd.oid}` };
  return { check: 'refs', ok: true, detail: `the log tells of each of ${others.length + 1}` };
}

async function checkPromotions(
  ctx: Verifying,
  trusted: TrustedPolicy,
  { refs, events }: { refs: FileRefs; events: readonly LoggedEvent[] },
): Promise<CheckResult> {
  // Those of other snapshots are in other files.
  const names = new Set(refs.others.map(({ name }) => name));
  const told = new Map([...new ExpectedRefs(events).refs].filter(([name]) => names.has(name)));
  const [first, ...more] = await judgeTags(ctx, trusted, told);
  if (first === undefined)
    return {
      check: 'promotions',
      ok: true,
      detail: `${names.size} ${names.size === 1 ? 'tag' : 'tags'} of promotions and approvals`,
    };
  const others = more.length === 0 ? '' : ` (and ${more.length} more findings)`;
  return { check: 'promotions', ok: false, detail: `${first.detail}${others}` };
}

async function checkExcess(received: ReceivedFile): Promise<CheckResult> {
  const excess = await received.countUnreached();
  return excess === 0
    ? { check: 'file', ok: true, detail: 'holds nothing else' }
    : { check: 'file', ok: false, detail: `holds ${excess} objects that do not belong to the snapshot` };
}
