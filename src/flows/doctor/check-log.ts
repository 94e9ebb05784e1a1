import type { AuditEvent } from '../../core/audit/event.ts';
import { parseLoggedEvent } from '../../core/audit/logged-event.ts';
import { type Checkup, ok, wrong } from '../../core/doctor/check.ts';
import { MalformedError } from '../../core/errors.ts';
import { spanText } from '../../core/length-text.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { GitObject } from '../../core/ports.ts';
import { LOG_REF } from '../../core/refs.ts';
import { timeOf } from '../../core/retention/ledger.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { MAX_SKEW_SEC } from '../log/log-walk.ts';
import { verifyLog } from '../log/verify-log.ts';

/** Whether the log is sound, with refs and tags; whether its notes are what it comes to; and whether the clock can be right. */
export async function checkLog(ctx: Context): Promise<Checkup[]> {
  const { findings, events, missing } = await verifyLog(ctx);
  const notes = findings.filter(({ rule }) => rule === 'notes');
  const others = findings.filter(({ rule }) => rule !== 'notes');
  return [
    others.length === 0
      ? ok('log', `${events} events verified, with refs and tags`)
      : logFault(others, missing === others.length),
    notes.length === 0
      ? ok('notes', 'what git shows as notes is what the log says')
      : wrong('notes', 'what git shows as notes is not what the log says', 'Run "git snapshot log repair".'),
    await checkClock(ctx),
  ];
}

/** @param areGone - whether each is of a ref that is not there, as where one backup of several was imported */
function logFault([first, ...others]: readonly Finding[], areGone: boolean): Checkup {
  const detail = first?.detail ?? '';
  if (areGone && others.length > 0) {
    const all = `${others.length + 1} refs that the log tells of are not here: ${detail}, and so on`;
    return wrong('log', all, BRING_BACK);
  }
  if (areGone) return wrong('log', detail, BRING_BACK);
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return wrong('log', `${detail}${more}`, 'See "git snapshot log --verify" for every finding.');
}

const BRING_BACK =
  'Bring back what others have: "git snapshot fetch", or "git snapshot import FILE" for each backup. "git snapshot log --verify" names all.';

/**
 * An event of the future means that this clock is slow, or that one was fast. Such an event does not count, so the end of the log
 * is asked what it says, believed or not.
 */
async function checkClock({ store, nowMs }: Pick<Context, 'store' | 'nowMs'>): Promise<Checkup> {
  const tip = await store.readRef(LOG_REF);
  const event = tip === null ? undefined : eventOf(await store.readObject(tip), store.format);
  const aheadSec = event === undefined ? 0 : timeOf(event.at) - nowSec({ nowMs });
  if (event === undefined || aheadSec <= MAX_SKEW_SEC) return ok('clock', 'not behind the log');
  return wrong(
    'clock',
    `event ${event.seq} is ${spanText(aheadSec)} in the future, at ${event.at}`,
    'Set the clock right; if it is, find out whose was fast.',
  );
}

/** What stands there; undefined where that is no event, which is for the log's own check to tell. */
function eventOf(object: GitObject, format: ObjectFormat): AuditEvent | undefined {
  try {
    return parseLoggedEvent(object, format).event;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
