import type { App } from '../../src/cli/app/app.ts';
import type { Oid } from '../../src/core/oid.ts';
import type { SnapshotInfo } from '../../src/core/snapshot/snapshot-info.ts';
import type { GateOutcome } from '../../src/flows/gates/results.ts';
import type { PromoteResult, PromotionInfo } from '../../src/flows/promotion/results.ts';
import type { Change, RollbackResult } from '../../src/flows/results.ts';
import { fakeRetention } from './fake-retention.ts';
import { fakeWatch } from './fake-watch.ts';

/** The clock of tests of the command line: 2026-11-22 12:00:00 UTC. */
export const NOW_SEC = Date.UTC(2026, 10, 22, 12) / 1000;

const oid = (digit: string) => digit.repeat(40) as Oid;

/** A snapshot that looks like a real one. */
export function fakeSnapshot(changes: Partial<SnapshotInfo> = {}): SnapshotInfo {
  return {
    set: 'artifacts',
    id: '20261122T090000Z-0123456789ab',
    ref: 'refs/snapshots/artifacts/20261122T090000Z-0123456789ab',
    tag: oid('a'),
    tree: oid('b'),
    payload: `sha256:${'c'.repeat(64)}`,
    manifest: `sha256:0123456789ab${'d'.repeat(52)}`,
    files: 1204,
    bytes: 12_897_484,
    takenAtSec: NOW_SEC - 3 * 3600,
    tagger: { name: 'Ada Example', email: 'ada@example.org' },
    message: 'Nightly build',
    body: undefined,
    path: 'artifacts',
    labels: [],
    context: [],
    source: { commit: 'e'.repeat(40), dirty: false },
    previous: undefined,
    policy: { version: 1, digest: `sha256:${'f'.repeat(64)}` },
    ...changes,
  };
}

/** A change of a regular file. */
export function fakeChange(status: Change['status'], path: string, sizes: { from?: number; to?: number } = {}): Change {
  const from = status === 'A' ? undefined : { mode: 0o100644, size: sizes.from ?? 100, oid: oid('1'), path };
  const to =
    status === 'D'
      ? undefined
      : { mode: status === 'P' ? 0o100755 : 0o100644, size: sizes.to ?? 200, oid: oid('2'), path };
  return { status, path, from, to };
}

/** A rollback that was applied. */
export function fakeRollback(changes: Partial<RollbackResult> = {}): RollbackResult {
  return {
    outcome: 'applied',
    set: 'artifacts',
    from: '20261122T110000Z-ba9876543210',
    to: '20261122T090000Z-0123456789ab',
    isUnnamedBackup: false,
    backup: '20261122T115900Z-aaaabbbbcccc',
    changes: { created: 1, replaced: 2, deleted: 0, modes: 0 },
    paths: [fakeChange('A', 'new.bin'), fakeChange('M', 'a.json')],
    rescued: [],
    changedAfter: { paths: [], programs: [] },
    appeared: [],
    gates: [],
    health: undefined,
    phases: [],
    durationMs: 340,
    ...changes,
  };
}

/** The parts of the app that govern, which tests of them take from a real repository. */
function fakeGoverning(): Pick<App, 'policy' | 'keys' | 'trust'> {
  const refuse = async () => Promise.reject(new Error('the fake governs nothing'));
  return {
    policy: {
      show: refuse,
      check: refuse,
      diff: refuse,
      apply: refuse,
      sign: refuse,
      proposals: refuse,
      history: refuse,
    },
    keys: {
      list: refuse,
      add: refuse,
      rotate: refuse,
      retire: refuse,
      revoke: refuse,
      export: refuse,
      allowedSigners: refuse,
    },
    trust: { show: refuse, pin: refuse, accept: refuse },
  };
}

/** A promotion that waits for one of two approvals. */
export function fakePromotion(changes: Partial<PromotionInfo> = {}): PromotionInfo {
  const { id, payload } = fakeSnapshot();
  return {
    seq: 7,
    set: 'artifacts',
    environment: 'production',
    number: 3,
    ref: 'refs/promotions/artifacts/production/3',
    tag: oid('5'),
    snapshot: id,
    payload,
    action: 'promote',
    status: 'pending',
    promoter: 'ada',
    author: 'ada',
    atSec: NOW_SEC - 3600,
    effectiveAtSec: undefined,
    reason: 'Release 12',
    gates: [{ name: 'schemas', verdict: 'pass' }],
    opinions: [{ person: 'ben', decision: 'approve', atSec: NOW_SEC - 60, reason: 'Looked at it' }],
    tally: { needed: 2, approved: ['ben'], rejected: [], others: ['cleo'], isEnough: false },
    holds: false,
    frozen: [],
    breakGlass: false,
    ...changes,
  };
}

/** What a gate found. */
export function fakeGate(changes: Partial<GateOutcome> = {}): GateOutcome {
  return {
    name: 'schemas',
    type: 'json-schema',
    verdict: 'pass',
    detail: '12 files follow it',
    violations: [],
    evidence: `sha256:${'4'.repeat(64)}`,
    durationMs: 12,
    ...changes,
  };
}

/** A promotion that is live at once. */
export function fakePromote(changes: Partial<PromoteResult> = {}): PromoteResult {
  return {
    outcome: 'live',
    set: 'artifacts',
    environment: 'production',
    number: 3,
    snapshot: fakeSnapshot().id,
    action: 'promote',
    previous: undefined,
    gates: [fakeGate()],
    tally: { needed: 0, approved: [], rejected: [], others: [], isEnough: true },
    frozen: [],
    breakGlass: false,
    ...changes,
  };
}

function fakePromotions(): App['promotion'] {
  return {
    promote: async ({ dryRun }) => fakePromote(dryRun ? { outcome: 'planned' } : {}),
    decide: async ({ decision }) => ({ decision, promotion: fakePromotion() }),
    review: async () => Promise.reject(new Error('the fake reviews nothing')),
    environments: async () => [
      {
        set: 'artifacts',
        environment: 'production',
        from: 'staging',
        live: fakePromotion({ number: 2, status: 'live', effectiveAtSec: NOW_SEC - 7200 }),
        pending: [fakePromotion()],
        soakLeftSec: 5400,
        hold: undefined,
        frozen: [],
        nextFreeze: { name: 'weekend', atSec: NOW_SEC + 86_400 },
      },
    ],
    list: async () => [fakePromotion()],
    resume: async ({ environment, message }) => ({
      set: 'artifacts',
      environment,
      hold: { number: 4, by: 'ada', sinceSec: NOW_SEC - 7200, reason: 'Wrong prices' },
      by: 'ada',
      reason: message ?? '',
    }),
    check: async () => ({ set: 'artifacts', snapshot: fakeSnapshot().id, ok: true, gates: [fakeGate()] }),
    rollback: async ({ dryRun }) => ({
      directory: fakeRollback(dryRun ? { outcome: 'planned' } : {}),
      promotion: fakePromote({ action: 'rollback', gates: [], ...(dryRun ? { outcome: 'planned' } : {}) }),
      isOnHold: false,
    }),
  };
}

function fakeExchange(): App['exchange'] {
  const { set, id, ref } = fakeSnapshot();
  return {
    exportSnapshot: async ({ format, file }) => ({
      set,
      id,
      format,
      file: file === '-' ? undefined : (file ?? `${set}-${id}.${format}`),
      bytes: 1234,
      digest: `sha256:${'8'.repeat(64)}`,
      refs: [ref],
    }),
    importSnapshot: async ({ dryRun }) => ({
      outcome: dryRun ? 'planned' : 'imported',
      set,
      id,
      refs: [ref],
      log: 'kept',
      missing: 0,
    }),
  };
}

/** An exchange that found the same on both sides. */
function fakeShare(): App['share'] {
  const numbers = { seq: 12, policyVersion: 2 };
  const side = { before: numbers, after: numbers };
  const exchange = async ({ dryRun }: { readonly dryRun: boolean }) => ({
    remote: 'origin',
    dryRun,
    relation: 'same' as const,
    ours: side,
    theirs: side,
    received: [],
    sent: [],
    rebased: [],
    leftOut: [],
    keptBelow: undefined,
  });
  return { fetch: exchange, push: exchange };
}

function fakeHooks(): App['hooks'] {
  const directory = { path: '/repo/.git/hooks', setting: undefined, kind: 'own' } as const;
  return {
    install: async () => ({ directory, hooks: [] }),
    uninstall: async () => ({ directory, hooks: [] }),
    status: async () => ({ directory, hooks: [], ok: true, hint: undefined }),
    prePush: async () => ({ refused: [] }),
    preReceive: async () => ({ refused: [] }),
    referenceTransaction: async () => ({ refused: [] }),
  };
}

/** What was asked of a {@link fakeApp}, in order. */
export type Calls = [method: string, options: unknown][];

/** An app that answers with one snapshot and notes what it is asked; `answers` replace methods. */
export function fakeApp(answers: Partial<App> = {}): { app: App; calls: Calls } {
  const calls: Calls = [];
  const info = fakeSnapshot();
  const usual: App = {
    init: async ({ sets }) => ({
      repository: '9'.repeat(64),
      sets: sets.length > 0 ? sets : [{ set: 'artifacts', path: 'artifacts' }],
      key: `openpgp:${'A'.repeat(40)}`,
      keySource: { kind: 'made', file: '/home/ada/.config/git-snapshot/key.asc' },
      policy: { version: 1, digest: `sha256:${'f'.repeat(64)}` },
      remotes: ['origin'],
    }),
    create: async ({ dryRun }) => ({
      outcome: dryRun ? 'dry-run' : 'created',
      snapshot: dryRun ? undefined : info,
      changes: [fakeChange('A', 'new.bin'), fakeChange('M', 'a.json')],
      kinds: [{ kind: 'json', files: 1000, bytes: 2_000_000 }],
      files: info.files,
      bytes: info.bytes,
      gates: [],
      gatesNotRun: dryRun ? ['schemas'] : [],
      excluded: dryRun ? [{ path: 'tmp', directory: true, pattern: 'tmp/', source: '.snapshotignore' }] : [],
    }),
    status: async () => ({
      set: 'artifacts',
      path: 'artifacts',
      snapshot: info,
      exists: true,
      clean: true,
      unfit: [],
      changes: [],
      rollback: undefined,
      busy: undefined,
    }),
    list: async () => [info],
    summarize: async (options) => (answers.list ?? (async () => [info]))(options),
    show: async () => ({
      ...info,
      kinds: [{ kind: 'model', files: 1, bytes: 4096 }],
      changes: { added: 1, modified: 2, deleted: 3 },
    }),
    diff: async ({ to }) => ({
      from: info,
      to: to === undefined ? undefined : info,
      changes: [fakeChange('M', 'a.json'), fakeChange('A', 'new.bin'), fakeChange('P', 'run.sh')],
    }),
    manifest: async () => ({
      info,
      entries: [{ path: 'a.json', mode: 0o100644, oid: oid('1'), sha256: '1'.repeat(64), size: 100 }],
    }),
    verify: async () => ({
      ok: true,
      results: [
        {
          set: 'artifacts',
          id: info.id,
          ok: true,
          checks: [{ check: 'signature', ok: true, detail: 'by Ada Example' }],
        },
      ],
    }),
    restore: async (options) => fakeRollback(options.dryRun ? { outcome: 'planned' } : {}),
    rollback: async (options) => fakeRollback(options.dryRun ? { outcome: 'planned' } : {}),
    continueRollback: async () => fakeRollback(),
    abortRollback: async () => fakeRollback({ outcome: 'reverted', backup: undefined }),
    undoRollback: async () => fakeRollback(),
    log: async () => [
      {
        seq: 1,
        commit: oid('7'),
        type: 'snapshot',
        atSec: info.takenAtSec,
        actor: 'Ada Example',
        key: `openpgp:${'A'.repeat(40)}`,
        set: 'artifacts',
        snapshot: info.id,
        summary: `snapshot: artifacts/${info.id}: Nightly build`,
        voided: undefined,
        event: {
          format: 1,
          type: 'snapshot',
          seq: 1,
          at: '2026-11-22T09:00:00Z',
          repository: '1'.repeat(64),
          actor: 'Ada Example',
          key: `openpgp:${'A'.repeat(40)}`,
          policy: { version: 1, digest: info.manifest },
          set: 'artifacts',
          snapshot: { id: info.id, tag: info.tag, payload: info.payload },
          manifest: info.manifest,
          subject: 'Nightly build',
          kinds: [],
        },
      },
    ],
    verifyLog: async () => ({
      ok: true,
      tip: oid('7'),
      events: 1,
      voided: [],
      policyVersion: 1,
      findings: [],
      missing: 0,
    }),
    repairLog: async () => ({ outcome: 'nothing-to-do', seq: 2, skipped: [], notes: false }),
    ...fakeGoverning(),
    promotion: fakePromotions(),
    retention: fakeRetention(),
    rehearsal: {
      rehearse: async () => Promise.reject(new Error('the fake rehearses nothing')),
      rollBackAndDie: async () => Promise.reject(new Error('the fake does not die')),
    },
    hooks: fakeHooks(),
    watch: fakeWatch(NOW_SEC),
    share: fakeShare(),
    exchange: fakeExchange(),
    blob: async () => 'old\n',
    liveFile: async () => 'new\n',
    close: async () => undefined,
  };
  const chosen: App = { ...usual, ...answers };
  const app = new Proxy(chosen, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function' || typeof name !== 'string') return method;
      return (...args: unknown[]) => {
        calls.push([name, args[0]]);
        return method(...args);
      };
    },
  });
  return { app, calls };
}
