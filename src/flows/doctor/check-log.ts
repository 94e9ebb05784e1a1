import { type Checkup, ok, wrong } from '../../core/doctor/check.ts';
import { timeOf } from '../../core/retention/ledger.ts';
import type { Context } from '../context.ts';
import { nowSec } from '../context.ts';
import { MAX_SKEW_SEC } from '../log/log-walk.ts';
import { openLog } from '../log/open-log.ts';
import { verifyLog } from '../log/verify-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';

/** Whether the log is sound, with refs and tags; whether its notes are what it comes to; and whether the clock can be right. */
export async function checkLog(ctx: Context): Promise<Checkup[]> {
  const { findings, events } = await verifyLog(ctx);
  const notes = findings.filter(({ rule }) => rule === 'notes');
  const others = findings.filter(({ rule }) => rule !== 'notes');
  const [first] = others;
  const more = others.length > 1 ? ` (and ${others.length - 1} more)` : '';
  return [
    first === undefined
      ? ok('log', `${events} events verified, with refs and tags`)
      : wrong('log', `${first.detail}${more}`, 'See "git snapshot log --verify" for every finding.'),
    notes.length === 0
      ? ok('notes', 'what git shows as notes is what the log says')
      : wrong('notes', 'what git shows as notes is not what the log says', 'Run "git snapshot log repair".'),
    await checkClock(ctx),
  ];
}

/** An event of the future means that this clock is slow, or that one was fast: what is signed now would seem older than it. */
async function checkClock(ctx: Context): Promise<Checkup> {
  const { events } = await openLog(ctx, await loadPolicy({ ...ctx, confirm: undefined }));
  const last = events.at(-1)?.event;
  const aheadSec = last === undefined ? 0 : timeOf(last.at) - nowSec(ctx);
  if (last === undefined || aheadSec <= MAX_SKEW_SEC) return ok('clock', 'not behind the log');
  return wrong(
    'clock',
    `event ${last.seq} is ${aheadSec} seconds in the future, at ${last.at}`,
    'Set the clock right; if it is, find out whose was fast.',
  );
}
