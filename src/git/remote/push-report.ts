import type { RemoteRefOutcome } from '../../core/share/transport.ts';

type Outcome = Pick<RemoteRefOutcome, 'status' | 'reason'>;

const LINE = /^([ +\-*!=])\t[^\t]*?:([^\t:]+)\t(.*)$/;
const REASON = /^\[([^\]]*)\](?: \((.*)\))?/s;
/** Words of a refusal that mean: it is not where you thought. */
const STALE =
  /^(?:stale info|fetch first|non-fast-forward|needs force|already exists|remote ref updated since checkout)$|cannot lock ref|incorrect old value|reference already exists/;
/** Words of git's receive-pack where it could not write: what was sent, or a ref. */
const FAILED =
  /^(?:unpacker error|unable to migrate objects to permanent storage|failed to (?:lock|write|delete|update ref))$/;
/** What it says of each ref of an atomic push whose transaction failed. Why is among the other words. */
const NOT_COMMITTED = /^(?:atomic )?transaction failed$/;

/** Git's word for a ref that it could not move, or for a file that it could not lock. */
const FAULT = /^error: (?:cannot (?:lock|update) (?:the )?ref '([^']+)': )?(.*)$/;
const LOCK = /^Unable to create '(.+\.lock)': (.*?)\.?$/;
const MOVED = /^(?:is at |reference |unable to resolve reference|')/;

/**
 * Reads what `git push --porcelain` printed: one outcome a ref, by its name on the remote.
 *
 * @param said - by the other side: of a ref that moved in the last moment, or that could not be written, only this tells
 */
export function parsePushReport(stdout: string, said: readonly string[]): Map<string, RemoteRefOutcome> {
  const faults = faultsOf(said);
  const outcomes = new Map<string, RemoteRefOutcome>();
  for (const line of stdout.split('\n')) {
    const [, flag, ref, summary = ''] = LINE.exec(line) ?? [];
    if (ref === undefined) continue;
    if (flag === '=') outcomes.set(ref, { ref, status: 'unchanged', reason: '' });
    else if (flag !== '!') outcomes.set(ref, { ref, status: 'done', reason: '' });
    else outcomes.set(ref, { ref, ...refusal(summary, faults.get(ref)) });
  }
  return withReason(outcomes, faults);
}

/** @param fault - counts where git could not do it: whatever a hook prints that says no, it has refused */
function refusal(summary: string, fault: Outcome | undefined): Outcome {
  const [, kind = '', words = ''] = REASON.exec(summary) ?? [];
  const reason = words === '' ? kind || summary : words;
  if (fault !== undefined && (NOT_COMMITTED.test(words) || FAILED.test(words))) return fault;
  if (/^(?:atomic (?:push failed|push failure|transaction failed)|transaction failed)/.test(words))
    return { status: 'held-back', reason };
  if (FAILED.test(words)) return { status: 'failed', reason };
  return { status: STALE.test(words) ? 'stale' : 'refused', reason };
}

/** What went wrong there, by ref; under '' what concerns no ref alone. */
function faultsOf(said: readonly string[]): ReadonlyMap<string, Outcome> {
  const faults = new Map<string, Outcome>();
  for (const line of said) {
    const [, ref = '', words = ''] = FAULT.exec(line) ?? [];
    if (words === '' || faults.has(ref)) continue;
    const [, lock, why] = LOCK.exec(words) ?? [];
    if (why === 'File exists' && lock !== undefined) faults.set(ref, { status: 'locked', reason: lock });
    else if (ref !== '') faults.set(ref, { status: MOVED.test(words) ? 'stale' : 'failed', reason: words });
    else if (lock !== undefined) faults.set(ref, { status: 'failed', reason: words });
  }
  return faults;
}

/** A transaction that failed has a reason, even where none of its refs is named: git heeds a hook's "no" otherwise. */
function withReason(
  outcomes: Map<string, RemoteRefOutcome>,
  faults: ReadonlyMap<string, Outcome>,
): Map<string, RemoteRefOutcome> {
  const all = [...outcomes.values()];
  const first = all.find(({ status, reason }) => status === 'held-back' && NOT_COMMITTED.test(reason));
  const isExplained = all.some(({ status }) => status === 'stale' || status === 'locked' || status === 'failed');
  if (first === undefined || isExplained) return outcomes;
  return outcomes.set(first.ref, { ...first, status: 'failed', ...faults.get('') });
}
