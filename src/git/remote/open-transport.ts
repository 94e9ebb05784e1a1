import { escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { isOid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import type { Processes } from '../../core/processes.ts';
import { TRACKING_REFS } from '../../core/refs.ts';
import {
  MAX_PUSH_BYTES,
  type PushResult,
  pushBytes,
  type RemoteRefUpdate,
  type Transport,
} from '../../core/share/transport.ts';
import type { Repository } from '../open-repository.ts';
import { forgetIntent, newIntentFile, noteIntent, processesWith } from '../refs/ref-intent.ts';
import { readConfig } from '../repository-config.ts';
import { runGit } from '../run-git.ts';
import { parsePushReport } from './push-report.ts';
import { remoteFailure } from './remote-failure.ts';
import { type RemoteCommand, type RemoteEnd, runRemote } from './run-remote.ts';

const REFSPEC = /^\+?refs\/[^\s:]+:refs\/[^\s:]+$/;

/**
 * Git's own transports: files, ssh, http(s), git. Through our runner: simple-git drops the environment of git, has no
 * standard input for many refs, and shows no outcome of single refs.
 */
export function openTransport(repository: Repository, processes: Processes): Transport {
  const run = (remote: string, command: RemoteCommand) => {
    requireRemote(remote);
    return runRemote(repository, command);
  };
  const fail = async (end: RemoteEnd, remote: string, action: string) =>
    remoteFailure(end, { remote, action, isNamed: await isNamed(repository, remote) });

  return {
    isShallow: repository.isShallow,

    isPartial: async () => {
      const config = await readConfig(repository);
      const isPromisor = (key: string) => key.startsWith('remote.') && key.endsWith('.promisor');
      return config.has('extensions.partialclone') || [...config.keys()].some(isPromisor);
    },

    listRemoteRefs: async (remote, prefixes, options) => {
      const patterns = prefixes.map((prefix) => (prefix.endsWith('/') ? `${prefix}*` : prefix));
      const args = ['ls-remote', '--refs', '--quiet', '--', remote, ...patterns];
      const end = await run(remote, { args, unattendedMs: options?.unattendedMs });
      if (end.isLate) throw tooLate(remote);
      if (end.code !== 0) throw await fail(end, remote, 'list refs');
      return parseRefs(repository, end.stdout.toString('latin1')).filter(({ name }) =>
        prefixes.some((prefix) => name === prefix || (prefix.endsWith('/') && name.startsWith(prefix))),
      );
    },

    fetchRefs: async (remote, refspecs, { report }) => {
      const odd = refspecs.find((refspec) => !REFSPEC.test(refspec));
      if (odd !== undefined) throw new TypeError(`not a refspec of two refs: ${odd}`);
      if (refspecs.length === 0) return;
      const file = newIntentFile(repository);
      const end = await run(remote, {
        onStart: (pid) =>
          noteIntent(
            file,
            { processes: processesWith(pid, processes), updates: [], packs: true, below: TRACKING_REFS },
            { fsync: false },
          ),
        args: [...fetchArgs(report !== undefined), '--stdin', '--', remote],
        stdin: `${refspecs.join('\n')}\n`,
        config: ['fetch.fsckObjects=true', 'fetch.writeCommitGraph=false'],
        report,
      });
      // A git that died left its locks, which the next command removes.
      if (typeof end.code === 'number') forgetIntent(file);
      if (end.code !== 0) throw await fail(end, remote, 'fetch');
    },

    pushRefs: async (remote, updates, { atomic, report }) => {
      if (updates.length === 0) return { ok: true, refs: [], said: [] };
      const bytes = updates.reduce((sum, update) => sum + pushBytes(update), 0);
      if (bytes > MAX_PUSH_BYTES) throw new TypeError('more refs than fit into one push');
      const end = await run(remote, {
        args: [...pushArgs(updates, { atomic, progress: report !== undefined }), '--', remote, ...updates.map(refspec)],
        config: (await isMirror(repository, remote)) ? [`remote.${remote}.mirror=false`] : [],
        // The guard of a repository on this machine judges for itself, as one behind ssh does.
        env: { GIT_SNAPSHOT_WRITER: undefined },
        report,
      });
      const result = readResult(end, updates);
      if (result === undefined) throw await fail(end, remote, 'push');
      return result;
    },
  };
}

function tooLate(remote: string): SnapshotError {
  return new SnapshotError('git', `'${escapeText(remote)}' did not answer in time`);
}

function fetchArgs(progress: boolean): string[] {
  return [
    'fetch',
    progress ? '--progress' : '--no-progress',
    ...['--atomic', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--prune', '--no-auto-gc'],
    // Only what was asked for: no branch of the remote that its own refspecs would move by the way, and nothing left out.
    ...['--refmap=', '--no-show-forced-updates', '--no-filter'],
  ];
}

function pushArgs(
  updates: readonly RemoteRefUpdate[],
  { atomic, progress }: { atomic: boolean; progress: boolean },
): string[] {
  return [
    'push',
    '--porcelain',
    progress ? '--progress' : '--no-progress',
    ...(atomic ? ['--atomic'] : []),
    ...['--no-verify', '--no-recurse-submodules', '--no-follow-tags'],
    ...updates.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`),
  ];
}

function refspec({ ref, to }: RemoteRefUpdate): string {
  return `${to ?? ''}:${ref}`;
}

/** Undefined where the other side never came to judge the refs. */
function readResult({ code, stdout, words }: RemoteEnd, updates: readonly RemoteRefUpdate[]): PushResult | undefined {
  const outcomes = parsePushReport(stdout.toString('utf8'), words.said);
  const refs = updates.flatMap(({ ref }) => outcomes.get(ref) ?? []);
  const isRight = refs.every(({ status }) => status === 'done' || status === 'unchanged');
  const isJudged = refs.length === updates.length && isRight === (code === 0);
  return isJudged ? { ok: isRight, refs, said: words.said } : undefined;
}

function parseRefs({ format }: Repository, stdout: string): Ref[] {
  const refs: Ref[] = [];
  for (const line of stdout.split('\n')) {
    const [oid = '', name = ''] = line.split('\t');
    if (isOid(oid, format)) refs.push({ oid, name });
  }
  return refs.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws {SnapshotError} of kind `usage` for what git would take for an option, or for several words */
function requireRemote(remote: string): void {
  if (remote !== '' && !remote.startsWith('-') && !/[\0\n\r]/.test(remote)) return;
  throw new SnapshotError('usage', `'${escapeText(remote)}' is not a remote`, {
    hint: 'Give the name of a remote, as "git remote" lists it, or an address.',
  });
}

async function isNamed(repository: Repository, remote: string): Promise<boolean> {
  const { stdout } = await runGit(repository.place, ['remote']);
  return stdout.toString('utf8').split('\n').includes(remote);
}

/** Such a remote takes no single refs, until it is told that it is none. */
async function isMirror(repository: Repository, remote: string): Promise<boolean> {
  if (remote.includes('=')) return false;
  const value = (await readConfig(repository)).get(`remote.${remote}.mirror`)?.at(-1);
  return value !== undefined && value !== 'false';
}
