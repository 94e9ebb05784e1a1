import { ExpectedRefs, mirrorOf } from '../audit/expected-refs.ts';
import type { LoggedEvent } from '../audit/logged-event.ts';
import type { Oid } from '../oid.ts';
import type { RefUpdate } from '../ports.ts';
import { LOG_REF, POLICY_REF, PROPOSAL_REFS } from '../refs.ts';

/** A repository's governed state, as its log tells of it. */
export interface ToldState {
  readonly events: readonly LoggedEvent[];
  readonly tip: Oid;
  readonly policyCommit: Oid;
  /** Whether promotions have a second name, as tags. */
  readonly mirrors: boolean;
  /** Policies that wait for signatures, by ref. */
  readonly proposals: ReadonlyMap<string, Oid>;
}

/** The refs that such a repository has, and no others. */
export function targetRefs({ events, tip, policyCommit, mirrors, proposals }: ToldState): Map<string, Oid> {
  const target = new Map<string, Oid>(proposals);
  for (const [name, expected] of new ExpectedRefs(events).refs) {
    target.set(name, expected.tag);
    const mirror = mirrors ? mirrorOf(expected) : undefined;
    if (mirror !== undefined) target.set(mirror, expected.tag);
  }
  return target.set(POLICY_REF, policyCommit).set(LOG_REF, tip);
}

/** What leads from some refs to others. */
export function movesBetween(current: ReadonlyMap<string, Oid>, target: ReadonlyMap<string, Oid>): RefUpdate[] {
  const moves: RefUpdate[] = [];
  for (const [name, to] of target) {
    const from = current.get(name) ?? null;
    if (from !== to) moves.push({ name, from, to });
  }
  for (const [name, from] of current) if (!target.has(name)) moves.push({ name, from, to: null });
  return moves.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What kinds of refs there are, in the order in which they are told of. */
const KINDS = [
  { kind: 'snapshots', prefix: 'refs/snapshots/' },
  { kind: 'promotions', prefix: 'refs/promotions/' },
  { kind: 'approvals', prefix: 'refs/approvals/' },
  { kind: 'holds', prefix: 'refs/holds/' },
  { kind: 'trash', prefix: 'refs/trash/' },
  { kind: 'proposals', prefix: PROPOSAL_REFS },
] as const;

/** How many refs of a kind came, moved and went. */
export interface MoveCount {
  readonly kind: (typeof KINDS)[number]['kind'];
  readonly created: number;
  readonly moved: number;
  readonly deleted: number;
}

/** Counts moves by the kind of their refs, without kinds of which there are none. The log, the policy and mirrors are no kinds. */
export function countMoves(moves: readonly RefUpdate[]): MoveCount[] {
  return KINDS.flatMap(({ kind, prefix }) => {
    const ofKind = moves.filter(({ name }) => name.startsWith(prefix));
    if (ofKind.length === 0) return [];
    const created = ofKind.filter(({ from }) => from === null).length;
    const deleted = ofKind.filter(({ to }) => to === null).length;
    return [{ kind, created, deleted, moved: ofKind.length - created - deleted }];
  });
}
