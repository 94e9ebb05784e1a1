import type { LogState } from '../../core/audit/judge-event.ts';
import { afterEvent, EMPTY_LOG, judgeEvent, judgingVersions, voidReason } from '../../core/audit/judge-event.ts';
import type { LoggedEvent, SignedEvent } from '../../core/audit/logged-event.ts';
import { parseLoggedEvent, readKnownEvent } from '../../core/audit/logged-event.ts';
import { MalformedError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { PolicyTimeline } from '../../core/policy/timeline.ts';
import type { GitObject } from '../../core/ports.ts';
import { PromotionLedger } from '../../core/promotion/ledger.ts';
import { LedgerHistory } from '../../core/promotion/ledger-history.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { Verification } from '../../core/signing.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context, Remembered } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { StoredPolicy } from '../policy/read-policy.ts';

/** Setting a repository up writes the first event, together with the policy: with a policy, there is a log. */
const MISSING_LOG = `the audit log is gone: there is a policy, and no '${LOG_REF}'`;

/** How far the clocks of signers may differ. */
const MAX_SKEW_SEC = 10 * 60;

/** The audit log, every event judged at its place. */
export interface Log {
  readonly tip: Oid | null;
  /** Those that count, oldest first. */
  readonly events: readonly LoggedEvent[];
  /** Those of them that do not count any more, by their commit, and why: their key was revoked. */
  readonly voided: ReadonlyMap<Oid, string>;
  /** What promotions come to, without those events. */
  readonly ledger: PromotionLedger;
  /** What the log has come to with them. */
  readonly state: LogState;
  /** Commits since the last event that counts, oldest first: a repair has to name them. */
  readonly unaccounted: readonly Oid[];
  /** What is wrong. None: the log is to be believed. */
  readonly findings: readonly Finding[];
}

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
      state: EMPTY_LOG,
      unaccounted: [],
      findings: [finding],
    };
  }
  const { repository } = trusted.policy;
  const timeline = await trusted.timeline();
  const objects = await ctx.store.readObjects(await ctx.store.listChain(tip));
  const { seen, verified } = rememberedLog(await ctx.trust.recall(repository), trusted);
  const verifiedUpTo = objects.findIndex(({ oid }) => oid === verified?.oid);
  const skipped = new Set(verified?.skipped);
  const walk = new LogWalk(ctx, timeline);
  const progress = ctx.report.phase('Checking the log');
  for (const [i, object] of objects.entries()) {
    await walk.take(object, i > verifiedUpTo ? 'unknown' : skipped.has(object.oid) ? 'skipped' : 'good');
    if (i % 64 === 63) progress(i + 1, objects.length);
  }
  const log = { tip, ...walk.result() };
  const findings = [
    ...log.findings,
    ...(seen !== undefined && !objects.some(({ oid }) => oid === seen.oid) ? [wentBack(seen, tip)] : []),
    ...policyFindings(log.state, trusted),
  ];
  if (findings.length === 0 && log.state.oid !== verified?.oid)
    await ctx.trust.remember(repository, { log: log.state });
  return { ...log, findings };
}

/** What was met before, and whether it was verified. It counts as long as it followed from the same first policy. */
export function rememberedLog(
  remembered: Remembered | undefined,
  { root }: Pick<TrustedPolicy, 'root'>,
): { seen: LogState | undefined; verified: LogState | undefined } {
  const seen = remembered?.root === root ? remembered.log : undefined;
  return { seen, verified: remembered?.verified.log ? seen : undefined };
}

function wentBack({ seq, oid }: LogState, tip: Oid): Finding {
  return {
    rule: 'freeze',
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

const PASSED_OVER = { rule: 'log', detail: 'a repair passed this over' };

/** Goes through the log's commits, oldest first. */
class LogWalk {
  readonly #ctx: Reading;
  readonly #timeline: PolicyTimeline<StoredPolicy>;
  readonly #events: LoggedEvent[] = [];
  readonly #voided = new Map<Oid, string>();
  readonly #history = new LedgerHistory();
  #state: LogState = EMPTY_LOG;
  #previous: Oid | undefined;
  /** Commits that do not count, since the last that does. */
  #pending: Finding[] = [];

  constructor(ctx: Reading, timeline: PolicyTimeline<StoredPolicy>) {
    this.#ctx = ctx;
    this.#timeline = timeline;
  }

  /** @param known - what was found when this commit was judged before */
  async take(object: GitObject, known: 'good' | 'skipped' | 'unknown'): Promise<void> {
    const previous = this.#previous;
    this.#previous = object.oid;
    try {
      if (known === 'good') return this.#follow(readKnownEvent(object), previous);
      const logged = parseLoggedEvent(object, this.#ctx.store.format);
      // Whoever listed the commits must not be able to choose: a name stands for all before it.
      if (logged.commit.parent !== previous) throw new MalformedError(`event ${object.oid}`, 'has another parent');
      const fault = known === 'skipped' ? PASSED_OVER : await this.#fault(logged);
      if (fault === undefined) this.#accept(logged);
      else this.#pending.push({ ...fault, object: object.oid });
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#pending.push({ rule: 'format', object: object.oid, detail: error.message });
    }
  }

  /** Accepts an event that was judged before, if it stands where it stood. */
  #follow(logged: LoggedEvent, previous: Oid | undefined): void {
    if (logged.commit.parent !== previous) throw new MalformedError(`event ${logged.oid}`, 'has another parent');
    this.#accept(logged);
  }

  #accept(logged: LoggedEvent): void {
    const { event, oid } = logged;
    this.#pending = [];
    this.#state = afterEvent(this.#state, logged);
    this.#events.push(logged);
    const version = this.#timeline.version(this.#state.version);
    if (version !== undefined) this.#history.accept(event, oid, version);
    const reason = voidReason(event, this.#timeline);
    if (reason !== undefined) this.#voided.set(oid, reason);
  }

  async #fault(logged: SignedEvent): Promise<{ rule: string; detail: string } | undefined> {
    const fault = judgeEvent(this.#state, { logged, verification: await this.#verify(logged) }, this.#timeline);
    if (fault !== undefined) return fault;
    // Times of events bound later ones: one from the future would make keys with an expiry useless.
    const { at, seq } = logged.event;
    if (Date.parse(at) > this.#ctx.nowMs() + MAX_SKEW_SEC * 1000)
      return { rule: 'time', detail: `event ${seq}: says that it is of ${at}, which is in the future` };
    const policy = this.#timeline.version(this.#state.version)?.policy;
    const broken = policy && this.#history.ledger.fault(logged.event, policy);
    if (broken !== undefined) return { rule: broken.rule, detail: `event ${logged.event.seq}: ${broken.detail}` };
    const skipped = logged.event.type === 'repair' ? logged.event.skipped : [];
    const pending = this.#pending.map(({ object }) => object);
    if (skipped.length === pending.length && skipped.every((oid, i) => oid === pending[i])) return undefined;
    const what =
      logged.event.type === 'repair'
        ? `is a repair of ${skipped.length} commits, and there are ${pending.length}`
        : `stands on ${pending.length} commits that do not count`;
    return { rule: 'log', detail: `event ${logged.event.seq}: ${what}` };
  }

  async #verify({ event, payload, armor }: SignedEvent): Promise<Verification> {
    const versions = judgingVersions(this.#state, event, this.#timeline);
    const keys = (await Promise.all(versions.map((version) => version.keys()))).flat();
    const distinct = keys.filter(({ key }, i) => keys.findLastIndex((other) => other.key === key) === i);
    const verifier = await this.#ctx.verifier();
    // Whoever holds a key that has run out could date a signature back; the events before it show when it was really made.
    return verifier.verify(payload, armor, distinct, { notBeforeSec: this.#state.latestAtSec - MAX_SKEW_SEC });
  }

  result(): Omit<Log, 'tip'> {
    return {
      events: this.#events,
      voided: this.#voided,
      ledger: this.#history.ledger,
      state: this.#state,
      unaccounted: this.#pending.map(({ object }) => object),
      findings: this.#pending,
    };
  }
}

/** Why the log as a whole is not to be believed, or undefined. */
export function logFault({ findings }: Pick<Log, 'findings'>): string | undefined {
  const [first, ...others] = findings;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` (and ${others.length} more findings)`;
  return `${first.detail}${more}`;
}
