import { resolve } from 'node:path';
import { displayBytes, utf8Decode, utf8Encode } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { type Message, parseMessage } from '../core/snapshot/message.ts';
import type { Context } from '../flows/context.ts';
import type { Repository } from '../git/open-repository.ts';
import { openRepository } from '../git/open-repository.ts';
import type { App, OpenApp } from './app/app.ts';
import { createContext, rootOf } from './wire/context.ts';
import type { Surroundings } from './wire/files.ts';
import { openParts } from './wire/parts.ts';

/** Everything that the real program is made of. The only place where adapters are chosen. */
export const openApp: OpenApp = async (io, settings) => {
  const repository = await openRepository({ cwd: settings.directory, env: io.env });
  const ctx = createContext(io, settings, repository);
  return createApp(ctx, { repository, directory: settings.directory, around: { io, settings } });
};

function createApp(
  ctx: Context,
  { repository, directory, around }: { repository: Repository; directory: string; around: Surroundings },
): App {
  return {
    init: async ({ sets, key, passphrase, confirm }) => {
      const { initialize } = await import('../flows/policy/initialize.ts');
      const { keyChoice } = await import('./wire/policy.ts');
      const relative = sets.map(({ set, path }) => ({ set, path: belowTopLevel(repository, directory, path) }));
      return initialize(ctx, { sets: relative, key: keyChoice(key), passphrase, confirm });
    },
    create: async ({ message, ...options }) => {
      const { createSnapshot } = await import('../flows/snapshot/create-snapshot.ts');
      return createSnapshot(ctx, { ...options, message: messageOf(message) });
    },
    status: async (options) => (await import('../flows/inspect/read-status.ts')).readStatus(ctx, options),
    list: async (options) => (await import('../flows/inspect/list-snapshots.ts')).listSnapshots(ctx, options),
    summarize: async (options) => {
      const { listingOf, summarizeSnapshots } = await import('../flows/inspect/list-snapshots.ts');
      return summarizeSnapshots(listingOf(ctx), options);
    },
    show: async (options) => (await import('../flows/inspect/show-snapshot.ts')).showSnapshot(ctx, options),
    diff: async (options) => (await import('../flows/inspect/diff-snapshots.ts')).diffSnapshots(ctx, options),
    manifest: async (options) => (await import('../flows/inspect/show-snapshot.ts')).snapshotManifest(ctx, options),
    verify: async (options) => (await import('../flows/verify/verify-snapshots.ts')).verifySnapshots(ctx, options),
    restore: async ({ message, ...options }) => {
      const { rollBack } = await import('../flows/rollback/roll-back.ts');
      return rollBack(ctx, { ...options, steps: undefined, action: 'restore', reason: reasonOf(message) });
    },
    rollback: async ({ message, ...options }) => {
      const { rollBack } = await import('../flows/rollback/roll-back.ts');
      return rollBack(ctx, { ...options, action: 'rollback', reason: reasonOf(message) });
    },
    continueRollback: async (options) =>
      (await import('../flows/rollback/resume-rollback.ts')).continueRollback(ctx, options),
    abortRollback: async (options) =>
      (await import('../flows/rollback/resume-rollback.ts')).abortRollback(ctx, options),
    undoRollback: async ({ message, ...options }) => {
      const { undoRollback } = await import('../flows/rollback/resume-rollback.ts');
      return undoRollback(ctx, { ...options, reason: reasonOf(message) });
    },
    log: async (options) => (await import('../flows/log/show-log.ts')).showLog(ctx, options),
    verifyLog: async () => (await import('../flows/log/verify-log.ts')).verifyLog(ctx),
    repairLog: async ({ message, confirm }) => {
      const { repairLog } = await import('../flows/log/repair-log.ts');
      return repairLog(ctx, { reason: reasonOf(message), confirm });
    },
    ...openParts(ctx, repository, around),
    trust: {
      show: async () => (await import('../flows/policy/manage-trust.ts')).showTrust(ctx),
      pin: async (digest) => (await import('../flows/policy/manage-trust.ts')).pinTrust(ctx, digest),
      accept: async (options) => (await import('../flows/policy/manage-trust.ts')).acceptTrust(ctx, options),
    },
    blob: async (oid, maxBytes) => {
      const size = (await ctx.store.describeObjects([oid])).get(oid)?.size;
      if (size !== undefined && size > maxBytes) return undefined;
      return (await ctx.store.readObject(oid)).body;
    },
    liveFile: async ({ set, path }, maxBytes) => {
      const { readLiveFile } = await import('../workdir/live-file.ts');
      const { loadPolicy } = await import('../flows/policy/load-policy.ts');
      const { governedSet } = await import('../flows/policy/governed-set.ts');
      const { policy } = await loadPolicy(ctx);
      return readLiveFile(`${rootOf(repository, governedSet(policy, set))}/${path}`, maxBytes);
    },
    close: () => ctx.store.close(),
  };
}

/** A path as typed, made relative to the top level. */
function belowTopLevel({ topLevel }: Repository, directory: string, path: string): string {
  const absolute = utf8Encode(resolve(directory, path));
  if (topLevel !== null && absolute.startsWith(`${topLevel}/`))
    return utf8Decode(absolute.slice(topLevel.length + 1)) ?? path;
  throw new SnapshotError('usage', `'${displayBytes(utf8Encode(path))}' is not below the top level of the repository`, {
    hint: 'Give the directory of the set as a path inside the working tree.',
  });
}

function messageOf(text: string | undefined): Message | undefined {
  return text === undefined ? undefined : parseMessage(text);
}

/** A reason is one line, whatever was typed. */
function reasonOf(text: string | undefined): string | undefined {
  return messageOf(text)?.subject;
}
