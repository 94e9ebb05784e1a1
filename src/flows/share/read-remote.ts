import { escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { isGovernedRef, LOG_REF, POLICY_REF } from '../../core/refs.ts';
import { pushByHand } from '../../core/share/push-by-hand.ts';
import type { TrackingSpace } from '../../core/share/tracking.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import { clockHint } from '../log/sound-log.ts';
import type { RemoteChoice } from './choose-remote.ts';
import type { HalfDone } from './half-done.ts';
import { describeHalfDone, findHalfDone } from './half-done.ts';
import type { JudgedState } from './judge-state.ts';
import { judgeState } from './judge-state.ts';
import { commonMemory } from './log-memory.ts';
import type { LocalState } from './read-local.ts';

/** What a remote has. */
export interface RemoteState {
  /** By the names that the remote has them under. */
  readonly refs: ReadonlyMap<string, Oid>;
  /** Judged and without a finding. Undefined: there is nothing to judge. */
  readonly judged: Omit<JudgedState, 'findings'> | undefined;
}

/** What is known here already. */
interface Reading {
  readonly remote: RemoteChoice;
  readonly local: LocalState;
  /** Reads no content of new snapshots. */
  readonly quick: boolean;
  /** Whether the remote is to be given what it lacks: then a push that ended halfway there is no obstacle. */
  readonly send: boolean;
}

/** How often a remote is asked again while somebody pushes to it: the refs of one push do not all appear at once. */
const MAX_ATTEMPTS = 5;
const MAX_FINDINGS_SHOWN = 20;

/**
 * Brings what a remote has into its tracking namespace, and judges it. Nothing of ours moves.
 *
 * @throws {SnapshotError} of kind `untrusted` naming what is wrong; what was fetched stays there to be looked at
 */
export async function readRemote(ctx: Context, reading: Reading): Promise<RemoteState> {
  const { remote, local, quick } = reading;
  const { space } = remote;
  // Where nothing was set up nothing was judged either, whatever plain git may have fetched.
  const known = local.governed === undefined ? new Map<string, Oid>() : local.refs;
  await fetchInto(ctx, remote);
  let refs = await trackedRefs(ctx, space);
  for (let tries = 1; ; tries++) {
    if (refs.size === 0) return { refs, judged: undefined };
    // The very refs that were judged here, and found good.
    if (local.governed !== undefined && isSame(refs, local.refs)) return { refs, judged: local.governed };
    const judging = await recallingOurs(ctx, local, refs);
    const judged = refs.has(POLICY_REF)
      ? await judgeState(judging, { refs, known, deep: !quick, remember: false })
      : undefined;
    const findings = judged && [...judged.findings, ...(await rewritten(ctx, judged, space))];
    if (findings?.length === 0) return { refs, judged };
    await fetchInto(ctx, remote);
    const again = await trackedRefs(ctx, space);
    if (tries === MAX_ATTEMPTS || isSame(refs, again)) {
      const isRewritten = findings?.some(({ rule }) => rule === 'went-back') === true;
      const halfDone = isRewritten ? undefined : await findHalfDone(judging, { local, refs });
      if (halfDone !== undefined) return mendable(ctx, reading, { refs, halfDone });
      throw judged && findings ? await refuse(ctx, reading, { judged, findings, refs }) : refuseWithoutPolicy(remote);
    }
    refs = again;
  }
}

/** @throws {SnapshotError} where the remote is only read: it stays as it is, and is not to be believed */
function mendable(
  ctx: Context,
  { remote: { name }, send }: Reading,
  { refs, halfDone }: { refs: ReadonlyMap<string, Oid>; halfDone: HalfDone },
): RemoteState {
  for (const line of describeHalfDone(halfDone)) ctx.note(`warning: ${line}`);
  const what = `a push to '${escapeText(name)}' ended halfway, or somebody removed refs there`;
  if (!send) {
    throw new SnapshotError('untrusted', `${what}: its log tells of others than it has`, {
      hint: 'Nothing of yours was moved. All that its log tells of is here: "git snapshot push" mends it.',
    });
  }
  ctx.note(`warning: ${what}; it gets what its log tells of, which is here`);
  return { refs, judged: halfDone.judged };
}

/** What our log has in common with the remote's was judged here, and is not judged again. What is only in ours is not missed there. */
async function recallingOurs(ctx: Context, { governed }: LocalState, refs: ReadonlyMap<string, Oid>): Promise<Context> {
  const tip = refs.get(LOG_REF);
  if (governed === undefined || tip === undefined) return ctx;
  const common = await commonMemory(governed, new Set(await ctx.store.listChain(tip)));
  const { root } = governed.trusted;
  const verified = { policy: false, log: common !== undefined };
  return {
    ...ctx,
    trust: { ...ctx.trust, recall: async () => ({ root, policy: undefined, log: common?.log, verified }) },
  };
}

async function fetchInto(ctx: Context, { name, space }: RemoteChoice): Promise<void> {
  await (await ctx.transport()).fetchRefs(name, space.refspecs(), { report: ctx.report });
}

/** The refs of a remote as they were when it was last asked. */
async function trackedRefs({ store }: Pick<Context, 'store'>, space: TrackingSpace): Promise<Map<string, Oid>> {
  const refs = new Map<string, Oid>();
  for (const { name, oid } of await store.listRefs(space.prefix)) {
    const there = space.remoteName(name);
    if (isGovernedRef(there)) refs.set(there, oid);
  }
  return refs;
}

/** A log that was found good there goes on, or at the worst ends earlier: whoever put another in its place took events away. */
async function rewritten(ctx: Context, { log }: JudgedState, space: TrackingSpace): Promise<Finding[]> {
  const verified = await ctx.store.readRef(space.verifiedLog);
  if (verified === null || log.tip === null) return [];
  const chain = new Set(await ctx.store.listChain(log.tip));
  if (chain.has(verified)) return [];
  const before = new Set(await ctx.store.listChain(verified));
  if (before.has(log.tip)) {
    ctx.note(`warning: '${LOG_REF}' went back there: it had ${before.size} events, and has ${chain.size}`);
    return [];
  }
  const detail = `its log was rewritten: it had ${verified}, which is not in it any more`;
  return [{ rule: 'went-back', object: log.tip, detail }];
}

async function refuse(
  ctx: Context,
  { remote: { name, space } }: Reading,
  { judged, findings, refs }: { judged: JudgedState; findings: readonly Finding[]; refs: ReadonlyMap<string, Oid> },
): Promise<SnapshotError> {
  const [first, ...others] = findings;
  for (const { rule, object, detail } of findings.slice(0, MAX_FINDINGS_SHOWN))
    ctx.note(`${rule}: ${object}: ${detail}`);
  const more = others.length === 0 ? '' : ` (and ${others.length} more findings)`;
  return new SnapshotError('untrusted', `what '${name}' has is not to be believed: ${first?.detail ?? ''}${more}`, {
    hint: `Nothing of yours was moved. What was fetched is below ${space.prefix} to look at; ${clockHint(findings, ctx.nowMs()) ?? 'docs/sharing.md says what to do.'}${halfDoneHint(judged, refs)}${await partialHint(ctx, findings)}`,
  });
}

/** Whoever has not what is missing cannot tell a push that ended halfway from refs that somebody removed. */
function halfDoneHint({ expected }: JudgedState, refs: ReadonlyMap<string, Oid>): string {
  const last = [...expected].findLast(([name]) => !refs.has(name))?.[1].logged.event;
  if (last === undefined) return '';
  return ` If a push ended halfway there, "git snapshot push" mends it in a clone that has what is missing, as that of ${escapeText(last.actor)}.`;
}

/** Content that plain git left out is missing here alone. */
async function partialHint(ctx: Context, findings: readonly Finding[]): Promise<string> {
  if (!findings.some(({ rule }) => rule === 'content') || !(await (await ctx.transport()).isPartial())) return '';
  return ' This clone is partial: to have what is missing, run "git fetch --refetch --no-filter REMOTE \'refs/snapshots/*:refs/snapshots/*\'".';
}

function refuseWithoutPolicy({ name, space }: RemoteChoice): SnapshotError {
  return new SnapshotError('untrusted', `'${name}' has refs of snapshots, and no policy that they stand under`, {
    hint: `Nothing of yours was moved. What was fetched is below ${space.prefix}; from a clone that has the policy: ${pushByHand(name, [POLICY_REF])}`,
  });
}

function isSame(a: ReadonlyMap<string, Oid>, b: ReadonlyMap<string, Oid>): boolean {
  return a.size === b.size && [...a].every(([name, oid]) => b.get(name) === oid);
}
