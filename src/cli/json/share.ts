import type { ShareResult } from '../../flows/share/results.ts';

/** Of `fetch --json`, `push --json` and `sync --json`. */
export function shareJson(result: ShareResult) {
  const { ours, theirs } = result;
  return {
    remote: result.remote,
    dryRun: result.dryRun,
    relation: result.relation,
    ours: { before: ours.before, after: ours.after },
    theirs: { before: theirs.before, after: theirs.after },
    received: result.received.map(countJson),
    sent: result.sent.map(countJson),
    signedAgain: result.rebased.map(({ type, description, seqBefore, seqAfter, was, changed }) => ({
      type,
      description,
      seqBefore,
      seqAfter,
      was: was ?? null,
      changed,
    })),
    leftOut: result.leftOut.map(({ type, description, seq, reason }) => ({ type, description, seq, reason })),
    keptBelow: result.keptBelow ?? null,
  };
}

function countJson({ kind, created, moved, deleted }: ShareResult['received'][number]) {
  return { kind, created, moved, deleted };
}
