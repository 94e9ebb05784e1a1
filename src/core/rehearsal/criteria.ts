import { lengthText, spanText } from '../length-text.ts';
import { durationSec, isDuration } from '../policy/duration-schema.ts';
import type { Rehearsal } from '../policy/recovery-schema.ts';

/** What a rehearsal is judged by. `gates` and `faults`: only where there were any; `loss`: only where the policy limits it. */
type CriterionName = 'exact' | 'untouched' | 'recovery' | 'loss' | 'gates' | 'faults';

/** What was asked, what was found, and whether that is enough. */
export interface Criterion {
  readonly criterion: CriterionName;
  /** What the policy asks for, at most 100 characters. A length of time as policies spell it: see {@link limitText}. */
  readonly limit: string;
  /** What was measured, at most 100 characters. */
  readonly value: string;
  readonly ok: boolean;
}

/** What a rehearsal measured. */
export interface Measured {
  /** Why it came to no end; undefined: it did. */
  readonly failure: string | undefined;
  /** Whether the copy was, byte for byte, the wanted snapshot, and then what it was before. */
  readonly exact: { readonly there: boolean; readonly back: boolean };
  /** In how many paths the real directory differed afterwards. */
  readonly changedPaths: number;
  /** How long the directory took to be back, or until that failed. */
  readonly recoveryMs: number;
  /** Age of the last snapshot, in seconds; undefined: there was none. */
  readonly lossSec: number | undefined;
  readonly gates: readonly { readonly verdict: 'pass' | 'fail' | 'error' }[];
  /** At how many steps it was killed, and from how many of these it recovered; undefined: that was not asked for. */
  readonly faults: { readonly points: number; readonly recovered: number } | undefined;
}

/** How long the directory may take to be back where the policy does not say. */
export const DEFAULT_MAX_RECOVERY = '5m';
/** How old the last rehearsal may be where the policy does not say. */
export const DEFAULT_MAX_AGE = '30d';

/** In place of a recovery time, where the directory was not back. */
export const NOT_REACHED = 'not reached';

const MAX_TEXT = 100;

/** Holds what was measured against what the policy asks for. */
export function judgeRehearsal(measured: Measured, rules: Rehearsal = {}): Criterion[] {
  const { failure, exact, changedPaths, recoveryMs } = measured;
  const { maxRecovery = DEFAULT_MAX_RECOVERY } = rules;
  const isExact = failure === undefined && exact.there && exact.back;
  return [
    {
      criterion: 'exact',
      limit: 'there and back, every byte',
      value: failure === undefined ? exactText(exact) : shortText(failure),
      ok: isExact,
    },
    {
      criterion: 'untouched',
      limit: 'nothing of the directory changes',
      value:
        changedPaths === 0 ? 'nothing changed' : `${changedPaths} ${changedPaths === 1 ? 'path' : 'paths'} changed`,
      ok: changedPaths === 0,
    },
    {
      criterion: 'recovery',
      limit: maxRecovery,
      value: failure === undefined || exact.there ? lengthText(recoveryMs) : NOT_REACHED,
      // What did not come back did not come back in time.
      ok: failure === undefined && recoveryMs <= durationSec(maxRecovery) * 1000,
    },
    ...lossCriterion(measured, rules),
    ...gatesCriterion(measured, rules),
    ...faultsCriterion(measured),
  ];
}

function exactText({ there, back }: Measured['exact']): string {
  if (there && back) return 'there and back';
  return there ? 'there, and not back' : back ? 'back, and not there' : 'neither there nor back';
}

function lossCriterion({ lossSec }: Measured, { maxLoss }: Rehearsal): Criterion[] {
  if (maxLoss === undefined) return [];
  const value = lossSec === undefined ? 'there was no snapshot' : spanText(lossSec);
  return [{ criterion: 'loss', limit: maxLoss, value, ok: lossSec !== undefined && lossSec <= durationSec(maxLoss) }];
}

function gatesCriterion({ gates }: Measured, { requireGates = 'all' }: Rehearsal): Criterion[] {
  const needed = requireGates === 'all' ? gates.length : requireGates;
  if (gates.length === 0 && needed === 0) return [];
  const passed = gates.filter(({ verdict }) => verdict === 'pass').length;
  return [
    {
      criterion: 'gates',
      limit: String(requireGates),
      value: `${passed} of ${gates.length} passed`,
      ok: passed >= needed,
    },
  ];
}

function faultsCriterion({ faults }: Measured): Criterion[] {
  if (faults === undefined) return [];
  const { points, recovered } = faults;
  return [
    {
      criterion: 'faults',
      limit: 'recovers wherever it is killed',
      value: `${recovered} of ${points} recovered`,
      ok: recovered === points,
    },
  ];
}

/** Whether all criteria are met. */
export function verdictOf(criteria: readonly Criterion[]): 'pass' | 'fail' {
  return criteria.every(({ ok }) => ok) ? 'pass' : 'fail';
}

/** The limit of a criterion for people: lengths of time as all others. */
export function limitText({ criterion, limit }: Pick<Criterion, 'criterion' | 'limit'>): string {
  const isLength = criterion === 'recovery' || criterion === 'loss';
  return isLength && isDuration(limit) ? spanText(durationSec(limit)) : limit;
}

function shortText(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  // By whole characters: half of one is no text.
  const characters = [...line];
  return line.length <= MAX_TEXT ? line : `${characters.slice(0, MAX_TEXT / 2 - 1).join('')}…`;
}
