import type { ChangedFile } from '../../../src/cli/render/changed-file.ts';
import type { Review } from '../../../src/cli/render/review/review-facts.ts';
import type { ReviewResult } from '../../../src/flows/promotion/review-result.ts';
import type { Change } from '../../../src/flows/results.ts';
import { fakeChange, fakeSnapshot, NOW_SEC } from '../../support/fake-app.ts';

const KEY = `openpgp:${'A'.repeat(40)}` as const;

/** A review that looks like a real one. */
export function fakeReview({
  files = [],
  ...changes
}: Partial<ReviewResult> & { files?: readonly ChangedFile[] } = {}): Review {
  const info = fakeSnapshot();
  const checks = [{ check: 'signature', ok: true, detail: 'good' }];
  const result: ReviewResult = {
    promotion: {
      seq: 7,
      set: 'artifacts',
      environment: 'production',
      number: 2,
      ref: 'refs/promotions/artifacts/production/2',
      tag: info.tag,
      snapshot: info.id,
      payload: info.payload,
      action: 'promote',
      status: 'pending',
      promoter: 'ada',
      author: 'ada',
      atSec: NOW_SEC,
      effectiveAtSec: undefined,
      reason: 'For the release',
      gates: [],
      opinions: [],
      tally: { needed: 1, approved: [], rejected: [], others: ['ben'], isEnough: false },
      holds: false,
      frozen: [],
      breakGlass: false,
    },
    body: undefined,
    rules: {
      from: undefined,
      approvals: 1,
      excludeAuthor: true,
      excludePromoter: true,
      rejections: 'block',
      gates: [],
      soakSec: 0,
      freeze: [],
      rollbackApprovals: 0,
      rollbackDepth: undefined,
      holdsAfterRollback: false,
      breakGlass: false,
    },
    live: undefined,
    snapshot: { id: info.id, number: 2, info, checks },
    before: { id: '20261121T090000Z-ba9876543210', number: 1, info, checks },
    checks,
    isDeep: true,
    changes: files.map(({ change }) => change),
    gates: [],
    signers: [
      { deed: 'promoted', person: 'ada', name: 'Ada', key: KEY, atSec: NOW_SEC, reason: undefined, leftOut: undefined },
    ],
    missing: { count: 1, people: [{ person: 'ben', name: 'Ben' }], rejectedBy: [] },
    origin: undefined,
    hold: undefined,
    frozen: [],
    nextFreeze: undefined,
    policy: { made: info.policy, current: info.policy },
    isSound: true,
    ...changes,
  };
  return { result, files };
}

/** A changed file with its content on both sides. */
export function fakeFile(path: string, before: string | undefined, after: string | undefined): ChangedFile {
  const status: Change['status'] = before === undefined ? 'A' : after === undefined ? 'D' : 'M';
  return { change: fakeChange(status, path, { from: before?.length ?? 0, to: after?.length ?? 0 }), before, after };
}

/** Files of a few lines each. */
export function manyFiles(count: number): ChangedFile[] {
  const lines = (word: string) => Array.from({ length: 40 }, (_, i) => `${word} ${i}\n`).join('');
  return Array.from({ length: count }, (_, i) => fakeFile(`file-${i}.txt`, lines('old'), lines('new')));
}
