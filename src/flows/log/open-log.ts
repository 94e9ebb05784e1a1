import type { LogState } from '../../core/audit/judge-event.ts';
import { EMPTY_LOG } from '../../core/audit/judge-event.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import type { Oid } from '../../core/oid.ts';
import { PromotionLedger } from '../../core/promotion/ledger.ts';
import { LOG_REF } from '../../core/refs.ts';
import { RetentionLedger } from '../../core/retention/ledger.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { LogWalk } from './log-walk.ts';
import { hasCommit, readChain } from './read-chain.ts';

/** Setting a repository up writes the first event, together with the policy: with a policy, there is a log. */
const MISSING_LOG = `the audit log is gone: there is a policy, and no '${LOG_REF}'`;

/** The audit log, every event judged at its place. */
export interface Log {
  readonly tip: Oid | null;
  /** Those that count, oldest first. */
  readonly events: readonly LoggedEvent[];
  /** Those of them that do not count any more, by their commit, and why: their key was revoked. */
  readonly voided: ReadonlyMap<Oid, string>;
  /** What promotions come to, without those events. */
  readonly ledger: PromotionLedger;
  /** What has become of snapshots, and which are held, without those events. */
  readonly retention: RetentionLedger;
  /** What the log has come to with them. */
  readonly state: LogState;
  /** Commits since the last event that counts, oldest first: a repair has to name them. */
  readonly unaccounted: readonly Oid[];
  /** What is wrong. None: the log is to be believed. */
  readonly findings: readonly Finding[];
}

/** Events are kept anew once there is a new one to so many that are kept: then writing them costs next to nothing for each. */
const KEPT_PER_NEW = 32;

/** Events that are read, and whose signatures are checked, at once. */
const READ_AT_ONCE = 256;

type Reading = Pick<Context, 'store' | 'verifier' | 'trust' | 'report' | 'nowMs'>;

/** The log as it was judged last, for as long as it does not move. */
const judged = new WeakMap<TrustedPolicy, Log>();

/**
 * Reads the audit log and judges every event by what came before it: that it follows, that it was signed by whom it names,
 * who had the role for it then, under the policy that was in force there.
 *
 * What was judged in this clone before is not judged again: the name of its last commit stands for all before it.
 * It is remembered outside the repository, and only when nothing was found.
 */
export async function openLog(ctx: Reading, trusted: TrustedPolicy): Promise<Log> {
  const tip = await ctx.store.readRef(LOG_REF);
  const known = judged.get(trusted);
  if (known !== undefined && known.tip === tip) return known;
  const log = await judgeLog(ctx, trusted, tip);
  judged.set(trusted, log);
  return log;
}

async function judgeLog(ctx: Reading, trusted: TrustedPolicy, tip: Oid | null): Promise<Log> {
  if (tip === null) {
    const finding: Finding = { rule: 'log', object: trusted.commit, detail: MISSING_LOG };
    return {
      tip,
      events: [],
      voided: new Map(),
      ledger: new PromotionLedger(),
      retention: new RetentionLedger(),
      state: EMPTY_LOG,
      unaccounted: [],
      findings: [finding],
    };
  }
  const { repository } = trusted.policy;
  const walk = new LogWalk(ctx, await trusted.timeline());
  const { kept, chain, seen, verified } = await readChain(ctx, trusted, tip);
  walk.begin(kept);
  const verifiedUpTo = verified?.oid ? chain.indexOf(verified.oid) : -1;
  const skipped = new Set(verified?.skipped);
  const progress = ctx.report.phase('Checking the log');
  for (let from = 0; from < chain.length; from += READ_AT_ONCE) {
    const objects = await ctx.store.readObjects(chain.slice(from, from + READ_AT_ONCE));
    walk.foresee(objects.slice(Math.max(0, verifiedUpTo + 1 - from)));
    for (const [i, object] of objects.entries())
      await walk.take(object, from + i > verifiedUpTo ? 'unknown' : skipped.has(object.oid) ? 'skipped' : 'good');
    progress(from + objects.length, chain.length);
  }
  const log = { tip, ...walk.result() };
  const isMissed = seen !== undefined && kept.length === 0 && !hasCommit(chain, seen);
  const findings = [...log.findings, ...(isMissed ? [wentBack(seen, tip)] : []), ...policyFindings(log.state, trusted)];
  if (findings.length === 0) {
    if (log.state.oid !== verified?.oid) await ctx.trust.remember(repository, { log: log.state });
    if (log.events.length - kept.length > kept.length / KEPT_PER_NEW)
      await ctx.trust.rememberEvents(repository, log.events);
  }
  return { ...log, findings };
}

function wentBack({ seq, oid }: LogState, tip: Oid): Finding {
  return {
    rule: 'went-back',
    object: tip,
    detail: `the log went back: event ${seq} (${oid}), which this clone has seen, is not in it any more`,
  };
}

/** The policy and the log must be of one mind: a policy that was put there without its event is nobody's deed. */
function policyFindings({ version, policyCommit }: LogState, { policy, commit }: TrustedPolicy): Finding[] {
  if (policyCommit === commit) return [];
  const known = version === policy.version ? `commit ${policyCommit} as it` : `version ${version}`;
  const detail = `version ${policy.version} of the policy is in its ref, and the log knows of ${known}`;
  return [{ rule: 'policy', object: commit, detail }];
}

/** Why the log as a whole is not to be believed, or undefined. */
export function logFault({ findings }: Pick<Log, 'findings'>): string | undefined {
  const [first, ...others] = findings;
  if (first === undefined) return undefined;
  const more =
    others.length === 0 ? '' : ` (and ${others.length} more ${others.length === 1 ? 'finding' : 'findings'})`;
  return `${first.detail}${more}`;
}
