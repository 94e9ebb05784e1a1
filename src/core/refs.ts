import { quoteText } from './byte-string.ts';
import { SnapshotError } from './errors.ts';

/** Where the policy's chain of versions is. Two levels deep: git refuses a push that would make a ref right below `refs/`. */
export const POLICY_REF = 'refs/snapshot-policy/current';
/** The audit log: one commit an event. `git notes --ref=snapshots` reads its tree. */
export const LOG_REF = 'refs/notes/snapshots';
/** Above all snapshots. */
export const SNAPSHOT_REFS = 'refs/snapshots/';

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const ID = /^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}$/;
/** A name as {@link isName} has it, then an id. In one expression: thousands of refs are looked at. */
const SNAPSHOT_REF =
  /^refs\/snapshots\/(?![^/]*\.\.)[a-z0-9][a-z0-9._-]{0,62}(?<!\.|\.lock)\/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}$/;

/** Whether `text` can name a set, an environment or a case: safe in a ref, in a file name and in a shell. */
export function isName(text: string): boolean {
  return NAME.test(text) && !text.includes('..') && !text.endsWith('.lock') && !text.endsWith('.');
}

/** @throws {SnapshotError} of kind `usage` unless {@link isName} */
export function requireName(text: string, what: string): string {
  if (isName(text)) return text;
  throw new SnapshotError('usage', `${what} ${quoteText(text)} is not a valid name`, {
    hint: "Use lower-case letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit.",
  });
}

/** Whether `text` is a whole snapshot id. */
export function isSnapshotId(text: string): boolean {
  return ID.test(text);
}

/** The ref of a snapshot. */
export function snapshotRef(set: string, id: string): string {
  return `${SNAPSHOT_REFS}${set}/${id}`;
}

/** Whether a ref is that of a snapshot. */
export function isSnapshotRef(ref: string): boolean {
  return SNAPSHOT_REF.test(ref);
}

/** The set and id that a ref below `refs/snapshots/` names, or undefined if it is not of that grammar. */
export function parseSnapshotRef(ref: string): { set: string; id: string } | undefined {
  if (!isSnapshotRef(ref)) return undefined;
  const setEnd = ref.lastIndexOf('/');
  return { set: ref.slice(SNAPSHOT_REFS.length, setEnd), id: ref.slice(setEnd + 1) };
}

/** Above the policies that still lack signatures: `<version>-<first 12 digits of the digest>`. */
export const PROPOSAL_REFS = 'refs/snapshot-policy/proposals/';

/** The ref of a proposed policy. @param digest - `sha256:` and 64 hexadecimal digits */
export function proposalRef({ version, digest }: { readonly version: number; readonly digest: string }): string {
  return `${PROPOSAL_REFS}${version}-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
}

/** Above all promotions, and all approvals. */
export const PROMOTION_REFS = 'refs/promotions/';
/** See {@link PROMOTION_REFS}. */
export const APPROVAL_REFS = 'refs/approvals/';

/** A promotion by its place. */
export interface PromotionName {
  readonly set: string;
  readonly environment: string;
  readonly number: number;
}

/** The ref of a promotion. */
export function promotionRef({ set, environment, number }: PromotionName): string {
  return `${PROMOTION_REFS}${set}/${environment}/${number}`;
}

/** The ref of what the holder of a key says of a promotion. */
export function approvalRef({ set, environment, number }: PromotionName, key16: string): string {
  return `${APPROVAL_REFS}${set}/${environment}/${number}/${key16}`;
}

/** Above all holds, and above what was pruned and can still be had back. */
const HOLD_REFS = 'refs/holds/';
/** See {@link HOLD_REFS}. */
const TRASH_REFS = 'refs/trash/';

/** The ref of a hold on a snapshot. @param name - of the case */
export function holdRef({ set, id, case: name }: { readonly set: string; readonly id: string; readonly case: string }) {
  return `${HOLD_REFS}${set}/${id}/${name}`;
}

/** Where the tag of a pruned snapshot is until its grace period is over. */
export function trashRef(set: string, id: string): string {
  return `${TRASH_REFS}${set}/${id}`;
}

/** Above the second names of promotions, see {@link mirrorRef}. */
export const MIRROR_REFS = 'refs/tags/promotions/';

/** Where a promotion's tag stands a second time, for hosts that know nothing but tags. */
export function mirrorRef({ set, environment, number }: PromotionName): string {
  return `${MIRROR_REFS}${set}/${environment}/${number}`;
}

/** Namespaces in which every ref has the event that made it, and no ref is without one. */
export const RECORDED_REFS = [SNAPSHOT_REFS, PROMOTION_REFS, APPROVAL_REFS, HOLD_REFS, TRASH_REFS] as const;

/** Everything that is ours: prefixes, which end in a slash, and one whole name. */
export const GOVERNED_REFS = [...RECORDED_REFS, 'refs/snapshot-policy/', MIRROR_REFS, LOG_REF] as const;

/** Whether a ref is below one of {@link GOVERNED_REFS}, of our grammar or not. */
export function isGovernedRef(name: string): boolean {
  return GOVERNED_REFS.some((prefix) => (prefix.endsWith('/') ? name.startsWith(prefix) : name === prefix));
}

/** Above what every remote had when it was last asked. */
export const TRACKING_REFS = 'refs/snapshot-remotes/';
/** Above what a clone had, and what could not stay, since its log was put on top of a remote's. */
export const DROPPED_REFS = 'refs/snapshot-dropped/';
/** For clones alone: these are never on a server. */
export const CLIENT_REFS = [TRACKING_REFS, DROPPED_REFS] as const;
