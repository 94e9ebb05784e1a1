import type { Oid } from '../../core/oid.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { RefusedChange } from '../../core/share/hook-verdict.ts';
import { relateLogs } from '../../core/share/relate-logs.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import type { JudgedState } from '../share/judge-state.ts';
import { judgeState } from '../share/judge-state.ts';
import { explainUntrusted } from './explain-untrusted.ts';

/** The governed refs of a repository before and after a change of them. */
export interface Step {
  readonly before: ReadonlyMap<string, Oid>;
  readonly after: ReadonlyMap<string, Oid>;
  /** Whether tags and content of what is new were judged just before: then only that refs and log fit. */
  readonly isJudged: boolean;
}

/** What a step comes to. */
export interface JudgedStep {
  /** None: it may be taken. */
  readonly refused: readonly RefusedChange[];
  /** What it leads to; undefined where that cannot be judged at all. */
  readonly next: JudgedState | undefined;
}

/** For whoever runs the repository: nothing that is pushed can do it. */
const ADMIN_HINT =
  'Whoever runs the repository sees all of it with "git snapshot log --verify" there; see "When something is wrong" in docs/server.md.';

/**
 * Judges whether a repository may go from one state of its governed refs to another: policy and log only grow, and what comes
 * of it is sound.
 *
 * Where something was wrong before, nothing may be built on it: a step passes only if it mends all, or if it leaves policy
 * and log alone and less is wrong after it.
 */
export async function judgeStep(ctx: Context, { before, after, isJudged }: Step): Promise<JudgedStep> {
  if (before.has(POLICY_REF) && !after.has(POLICY_REF))
    return refuse({ ref: POLICY_REF, rule: 'policy', reason: `'${POLICY_REF}' would be deleted` });
  const former = await judgeFormer(ctx, { before, after, isJudged });
  if (former !== undefined && 'refused' in former) return former;
  const wrong = former?.findings ?? [];
  // What was wrong is judged again: whether it is mended is the question.
  const suspects = new Set(wrong.map(({ object }) => object));
  const believed = former === undefined ? new Map() : new Map([...before].filter(([, oid]) => !suspects.has(oid)));
  let next: JudgedState;
  try {
    const known = isJudged ? after : believed;
    next = await judgeState(ctx, { refs: after, known, deep: !isJudged, remember: false });
  } catch (error) {
    return refuse(await explainUntrusted(ctx, after, error));
  }
  const refused = [
    ...(former === undefined ? [] : await backwardSteps(ctx, former, next)),
    ...newFaults({ wrong, next, isGrowing: former === undefined || hasGrown(former, next) }),
  ];
  return { refused, next };
}

function refuse(...refused: RefusedChange[]): JudgedStep {
  return { refused, next: undefined };
}

/** What was there before; undefined where there was no policy, and so nothing that could be believed. */
async function judgeFormer(ctx: Context, { before, isJudged }: Step): Promise<JudgedState | JudgedStep | undefined> {
  if (!before.has(POLICY_REF)) return undefined;
  try {
    return await judgeState(ctx, { refs: before, known: before, deep: false, remember: !isJudged });
  } catch (error) {
    const fault = await explainUntrusted(ctx, before, error);
    const reason = `the policy that is here already is not to be trusted: ${fault.reason}`;
    return refuse({ hint: ADMIN_HINT, ...fault, rule: 'trust', reason });
  }
}

function hasGrown(former: JudgedState, next: JudgedState): boolean {
  return former.log.tip !== next.log.tip || former.trusted.commit !== next.trusted.commit;
}

/** Policy and log hold all that they held. */
async function backwardSteps(ctx: Context, former: JudgedState, next: JudgedState): Promise<RefusedChange[]> {
  const refused: RefusedChange[] = [];
  const { version } = former.trusted.policy;
  if ((await next.trusted.timeline()).version(version)?.commit !== former.trusted.commit) {
    const reason = `'${POLICY_REF}' would go back: version ${version} (${former.trusted.commit}) is not in it any more`;
    refused.push({ ref: POLICY_REF, rule: 'policy', reason, hint: FETCH_HINT });
  }
  const { tip } = former.log;
  if (tip !== null && tip !== next.log.tip && !(await chainOf(ctx, next.log.tip)).includes(tip)) {
    const reason = `'${LOG_REF}' would go back: event ${former.log.state.seq} (${tip}) is not in it any more`;
    refused.push({ ref: LOG_REF, rule: 'log', reason, hint: await backwardHint(ctx, former, next) });
  }
  return refused;
}

const FETCH_HINT = 'Somebody else was first, or this clone lacks something: run "git snapshot fetch", and push again.';

/** A log that went on from one of the same events is somebody's who was slower. Any other is no log of this repository. */
async function backwardHint(ctx: Context, { log }: JudgedState, next: JudgedState): Promise<string> {
  const [ours, theirs] = [await chainOf(ctx, log.tip), await chainOf(ctx, next.log.tip)];
  const { common } = relateLogs(ours, theirs);
  const news = new Set<string>(theirs.slice(common));
  const isSound = next.log.findings.every(({ rule, object }) => rule === 'went-back' || !news.has(object));
  return common > 0 && isSound ? FETCH_HINT : STRANGE_LOG_HINT;
}

const STRANGE_LOG_HINT =
  'That is no log of this repository, and never takes the place of the one here. If it is the one of your clone, see "git snapshot log --verify" there.';

async function chainOf({ store }: Context, tip: Oid | null): Promise<readonly Oid[]> {
  return tip === null ? [] : store.listChain(tip);
}

function newFaults({
  wrong,
  next,
  isGrowing,
}: {
  wrong: readonly Finding[];
  next: JudgedState;
  isGrowing: boolean;
}): RefusedChange[] {
  const before = new Set(wrong.map(keyOf));
  const news = next.findings.filter((finding) => !before.has(keyOf(finding)));
  if (next.findings.length === 0) return [];
  if (news.length > 0 || wrong.length === 0) return news.map(asRefused);
  if (!isGrowing && next.findings.length < wrong.length) return [];
  const reason = `something is wrong here already, and nothing can be built on it (${next.findings.length} findings)`;
  return [{ ref: LOG_REF, rule: 'before', reason, hint: ADMIN_HINT }, ...next.findings.map(asRefused)];
}

function keyOf({ rule, object, detail }: Finding): string {
  return `${rule} ${object} ${detail}`;
}

function asRefused({ rule, detail }: Finding): RefusedChange {
  return { ref: LOG_REF, rule, reason: detail };
}
