import { ExpectedRefs } from '../../core/audit/expected-refs.ts';
import { buildNotes } from '../../core/audit/notes-view.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { LogVerification } from '../results.ts';
import { judgeTags } from '../verify/judge-tags.ts';
import { compareRefs } from './compare-refs.ts';
import type { Log } from './open-log.ts';
import { openLog } from './open-log.ts';

/**
 * Verifies the audit log as a whole: its chain, its signatures and roles, the refs that it tells of, the tags of promotions and
 * approvals, and its notes. The tags of snapshots are what `verify` judges.
 */
export async function verifyLog(ctx: Context): Promise<LogVerification> {
  const trusted = await loadPolicy(ctx);
  const { log, expected, refFindings, missing } = await readTogether(ctx, trusted);
  await requireStored(ctx, log);
  const findings: Finding[] = [...log.findings, ...refFindings];
  findings.push(...(await judgeTags(ctx, trusted, expected)));
  // Commits that do not count may hold any notes; it is enough to say that they are there.
  if (log.unaccounted.length === 0) findings.push(...notesFindings(ctx, log));
  return {
    ok: findings.length === 0,
    tip: log.tip,
    events: log.events.length,
    policyVersion: trusted.policy.version,
    voided: [...log.voided].map(([commit, detail]) => ({ commit, detail })),
    findings,
    missing,
  };
}

/** Commits that are read at once. */
const READ_AT_ONCE = 256;

/**
 * Reads every commit of the log: what was verified before is known without that, but must still be there, and be the same.
 *
 * @throws {MissingObjectError}, {MalformedError} naming the first that is not
 */
async function requireStored({ store, report }: Context, { events, state }: Log): Promise<void> {
  const commits = [...events.map(({ oid }) => oid), ...state.skipped];
  const progress = report.phase('Reading the log');
  for (let from = 0; from < commits.length; from += READ_AT_ONCE) {
    await store.readObjects(commits.slice(from, from + READ_AT_ONCE));
    progress(Math.min(from + READ_AT_ONCE, commits.length), commits.length);
  }
}

/** How often refs are held against the log anew, because others wrote meanwhile. */
const MAX_ATTEMPTS = 5;

/** The log, and what is wrong with the refs that it tells of. */
async function readTogether(ctx: Context, trusted: TrustedPolicy) {
  for (let tries = 1; ; tries++) {
    const log = await openLog(ctx, trusted);
    const { refs: expected } = new ExpectedRefs(log.events);
    const { findings: refFindings, missing } = await compareRefs(ctx, expected);
    const isSettled = refFindings.length === 0 || (await ctx.store.readRef(LOG_REF)) === log.tip;
    if (isSettled || tries === MAX_ATTEMPTS) return { log, expected, refFindings, missing };
  }
}

/** Whether the notes that git shows are what the events come to. */
export function notesFindings(ctx: Pick<Context, 'store' | 'digest'>, { events }: Pick<Log, 'events'>): Finding[] {
  const last = events.at(-1);
  if (last === undefined) return [];
  const { root } = buildNotes(
    events.map(({ event }) => event),
    ctx.digest,
    ctx.store.format,
  );
  if (root === last.commit.tree) return [];
  const detail = `the notes of event ${last.event.seq} are not what the events come to: tree ${last.commit.tree}, should be ${root}`;
  return [{ rule: 'notes', object: last.oid, detail }];
}
