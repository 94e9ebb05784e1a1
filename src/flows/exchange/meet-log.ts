import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { logFault, openLog } from '../log/open-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import type { ImportResult } from './results.ts';
import type { FileToVerify, VerifiedFile } from './verify-file.ts';

/** How the log of a file goes together with the one that is here. */
export interface MeetingLogs {
  readonly outcome: ImportResult['log'];
  /** What the refs of policy and log are at here. */
  readonly policy: Oid | null;
  readonly tip: Oid | null;
  /** Those of the longer log. */
  readonly events: readonly LoggedEvent[];
}

/**
 * Holds the log of a verified file against the one here: one must begin with the other.
 *
 * @param preview - reads policy and log here, even where their objects are lost and the file has them
 * @throws {SnapshotError} `conflict` where it is of another repository, or the two went different ways
 */
export async function meetLog(
  ctx: Context,
  preview: Context,
  { file, verified }: { readonly file: FileToVerify; readonly verified: VerifiedFile },
): Promise<MeetingLogs> {
  const what = `'${file.received.name}'`;
  const policy = await ctx.store.readRef(POLICY_REF);
  const tip = await ctx.store.readRef(LOG_REF);
  if (file.ctx.store.format.name !== ctx.store.format.name) {
    throw new SnapshotError(
      'conflict',
      `${what} names its objects by ${file.ctx.store.format.name}, and this repository does not`,
      {
        hint: `Import it into a repository made with "git init --object-format=${file.ctx.store.format.name}".`,
      },
    );
  }
  if (policy === null && tip !== null) {
    throw new SnapshotError('config', 'this repository has an audit log but no policy', {
      hint: `Fetch ${POLICY_REF} from where the log came from.`,
    });
  }
  const theirChain = await file.ctx.store.listChain(verified.refs.log.oid);
  const longer = async (outcome: ImportResult['log']): Promise<MeetingLogs> => {
    await requireSeen(ctx, verified.trusted, { chain: theirChain, what });
    if (policy !== null && !(await file.ctx.store.listChain(verified.refs.policy.oid)).includes(policy)) {
      throw new SnapshotError('conflict', `the policy in ${what} does not follow from the one here`, {
        hint: 'Nothing was changed. Take a newer backup.',
      });
    }
    return { outcome, policy, tip, events: verified.log.events };
  };
  if (policy === null) {
    const former = await ctx.trust.repositoryOfClone();
    if (former !== undefined) requireSame(former, { what, verified });
    return longer('restored');
  }
  const ours = await loadPolicy(preview);
  requireSame(ours.policy.repository, { what, verified });
  if (tip === null) return longer('restored');
  const ourChain = await preview.store.listChain(tip);
  if (ourChain.includes(verified.refs.log.oid)) {
    const log = await openLog(preview, ours);
    const fault = logFault(log);
    if (fault === undefined) return { outcome: 'kept', policy, tip, events: log.events };
    throw new SnapshotError('untrusted', `the audit log here is not to be believed: ${fault}`, {
      hint: 'Nothing was changed. See "git snapshot log --verify" for every finding.',
    });
  }
  if (theirChain.includes(tip)) return longer('advanced');
  throw new SnapshotError('conflict', `the log in ${what} and the log here went different ways`, {
    hint: 'Nothing was changed. One of them was made from an old copy: compare "git snapshot log" of both, and import into a new repository to look at it.',
  });
}

function requireSame(repository: string, { what, verified }: { what: string; verified: VerifiedFile }): void {
  const theirs = verified.trusted.policy.repository;
  if (theirs === repository) return;
  throw new SnapshotError('conflict', `${what} is of another repository`, {
    hint: `Nothing was changed. Its id is ${theirs}, and here it is ${repository}.`,
  });
}

/** @throws {SnapshotError} where the log would not reach what this clone has seen before */
async function requireSeen(
  ctx: Context,
  { policy, root }: { readonly policy: { readonly repository: string }; readonly root: string },
  { chain, what }: { chain: readonly Oid[]; what: string },
): Promise<void> {
  const remembered = await ctx.trust.recall(policy.repository);
  const seen = remembered?.root === root ? remembered.log : undefined;
  if (seen === undefined || seen.oid === null || chain.includes(seen.oid)) return;
  throw new SnapshotError('conflict', `the log in ${what} ends before event ${seen.seq}, which this clone has seen`, {
    hint: 'Nothing was changed. Take a newer backup; "git snapshot trust accept" forgets what was seen, once you know why.',
  });
}
