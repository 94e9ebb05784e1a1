import { buildNotes } from '../../core/audit/notes-view.ts';
import { SnapshotError } from '../../core/errors.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { LogRepair } from '../results.ts';
import { actorFor, requireRole } from './actor.ts';
import { TIME_RULE } from './log-walk.ts';
import { openLog } from './open-log.ts';
import { eventOf, publishOn } from './publish.ts';
import { hintToSetClock } from './sound-log.ts';
import { notesFindings } from './verify-log.ts';

/** How to repair the log. */
export interface RepairOptions {
  readonly reason: string | undefined;
  /** Called with what would be passed over, before anything is signed; throws to stop. */
  readonly confirm?: ((repair: LogRepair) => Promise<void>) | undefined;
}

/**
 * Mends a log that somebody wrote on: an event is put on top that names the commits that do not count, and with it the notes
 * are made anew from the events. Nothing is taken away; who looks at the ref's history still finds those commits.
 *
 * @throws {SnapshotError} of kind `untrusted` for what no event can mend: a log that is cut off, or of another policy, and one
 *   with an event from the future, which counts for everybody once its time has come
 */
export async function repairLog(ctx: Context, { reason, confirm }: RepairOptions): Promise<LogRepair> {
  const trusted = await loadPolicy(ctx);
  const log = await openLog(ctx, trusted);
  const { tip, state, events, unaccounted } = log;
  const ofFuture = log.findings.find(({ rule }) => rule === TIME_RULE);
  if (ofFuture !== undefined) {
    throw new SnapshotError('untrusted', `a repair cannot pass over what is only early: ${ofFuture.detail}`, {
      hint: hintToSetClock(ctx.nowMs()),
    });
  }
  const others = log.findings.filter(({ object }) => !unaccounted.includes(object));
  const [beyond] = others;
  if (tip === null || beyond !== undefined) {
    throw new SnapshotError('untrusted', `the log cannot be mended by an event: ${beyond?.detail ?? 'it is gone'}`, {
      hint:
        beyond?.rule === 'went-back'
          ? 'Fetch it again from a clone that has all of it. Where you know why it went back, "git snapshot trust accept" takes it as it is.'
          : 'Fetch it again from a clone that has all of it.',
    });
  }
  const planned: LogRepair = {
    outcome: 'repaired',
    seq: state.seq + 1,
    skipped: log.findings.map(({ object, detail }) => ({ commit: object, detail })),
    notes: unaccounted.length > 0 || notesFindings(ctx, log).length > 0,
  };
  if (!planned.notes) return { ...planned, outcome: 'nothing-to-do' };
  const actor = await actorFor(ctx, trusted);
  requireRole(actor, 'auditor');
  await confirm?.(planned);
  const report = {
    type: 'repair' as const,
    tip,
    skipped: [...unaccounted],
    ...(reason === undefined ? {} : { reason }),
  };
  await publishOn(ctx, {
    before: async () => {
      if ((await ctx.store.readRef(LOG_REF)) !== tip) {
        throw new SnapshotError('conflict', 'the log was written on meanwhile', { hint: 'Run the command again.' });
      }
      const event = eventOf(ctx, { report, actor, seq: state.seq + 1 });
      const notes = buildNotes([...events.map((logged) => logged.event), event], ctx.digest, ctx.store.format);
      const head = { tip, state, notes: undefined };
      return { event, updates: [], reason: 'snapshot: log repaired', result: undefined, head, notes };
    },
    signer: actor.signer,
    identity: actor.identity,
    repository: trusted.policy.repository,
    guards: [],
  });
  return planned;
}
