import type { App } from '../../src/cli/app.ts';
import type { Oid } from '../../src/core/oid.ts';
import type { Change, RollbackResult, SnapshotInfo } from '../../src/flows/results.ts';

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
    backup: '20261122T115900Z-aaaabbbbcccc',
    changes: { created: 1, replaced: 2, deleted: 0, modes: 0 },
    paths: [fakeChange('A', 'new.bin'), fakeChange('M', 'a.json')],
    rescued: [],
    appeared: [],
    durationMs: 340,
    ...changes,
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
      excluded: dryRun ? [{ path: 'tmp', directory: true, pattern: 'tmp/', source: '.snapshotignore' }] : [],
    }),
    status: async () => ({
      set: 'artifacts',
      path: 'artifacts',
      snapshot: info,
      clean: true,
      changes: [],
      rollback: undefined,
    }),
    list: async () => [info],
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
        summary: 'Nightly build',
        event: { type: 'snapshot' },
      },
    ],
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
