import type { RetentionApp } from '../../src/cli/app/retention-app.ts';
import type { HoldInfo } from '../../src/flows/retention/hold.ts';

const HELD: HoldInfo = {
  set: 'artifacts',
  snapshot: '20261122T140509Z-0123456789ab',
  case: 'audit-7',
  reason: 'Asked for',
  by: 'ada',
  sinceSec: 1_795_356_309,
  untilSec: undefined,
  over: false,
};

/** What is kept, where nothing is ever removed. */
export function fakeRetention(): RetentionApp {
  const refuse = async () => Promise.reject(new Error('the fake plans nothing'));
  return {
    plan: refuse,
    freedBytes: async () => 0,
    apply: refuse,
    pruneAfterCreate: async () => undefined,
    hold: async () => HELD,
    release: async () => ({ ...HELD, over: true }),
    holds: async () => [HELD],
    trash: async () => [],
    undelete: async ({ snapshots }) => snapshots.map((snapshot) => ({ set: 'artifacts', snapshot })),
    erase: refuse,
    purge: refuse,
  };
}
