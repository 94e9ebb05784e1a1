import type { RemoteRefOutcome } from '../../core/share/transport.ts';

const LINE = /^([ +\-*!=])\t[^\t]*?:([^\t:]+)\t(.*)$/;
const REASON = /^\[([^\]]*)\](?: \((.*)\))?/s;
/** Words of a refusal that mean: it is not where you thought. */
const STALE =
  /^(?:stale info|fetch first|non-fast-forward|needs force|already exists|remote ref updated since checkout)$|cannot lock ref|incorrect old value|reference already exists/;

/**
 * Reads what `git push --porcelain` printed: one outcome a ref, by its name on the remote.
 *
 * @param said - by the other side: where a ref moved in the last moment, only this tells which
 */
export function parsePushReport(stdout: string, said: readonly string[]): Map<string, RemoteRefOutcome> {
  const locked = new Map(
    said.flatMap((line) => {
      const [, ref, reason = ''] = /^error: cannot lock ref '([^']+)': (.*)$/.exec(line) ?? [];
      return ref === undefined ? [] : [[ref, reason]];
    }),
  );
  const outcomes = new Map<string, RemoteRefOutcome>();
  for (const line of stdout.split('\n')) {
    const [, flag, ref, summary = ''] = LINE.exec(line) ?? [];
    if (ref === undefined) continue;
    if (flag === '=') outcomes.set(ref, { ref, status: 'unchanged', reason: '' });
    else if (flag !== '!') outcomes.set(ref, { ref, status: 'done', reason: '' });
    else {
      const reason = locked.get(ref);
      outcomes.set(ref, reason === undefined ? refusal(ref, summary) : { ref, status: 'stale', reason });
    }
  }
  return outcomes;
}

function refusal(ref: string, summary: string): RemoteRefOutcome {
  const [, kind = '', words = ''] = REASON.exec(summary) ?? [];
  const reason = words === '' ? kind || summary : words;
  if (/^(?:atomic (?:push failed|push failure|transaction failed)|transaction failed)/.test(words))
    return { ref, status: 'held-back', reason };
  return { ref, status: STALE.test(words) ? 'stale' : 'refused', reason };
}
