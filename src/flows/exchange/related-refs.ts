import { ExpectedRefs } from '../../core/audit/expected-refs.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
import { MalformedError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import type { Ref } from '../../core/ports.ts';
import {
  APPROVAL_REFS,
  LOG_REF,
  POLICY_REF,
  PROMOTION_REFS,
  parseSnapshotRef,
  promotionRef,
  SNAPSHOT_REFS,
} from '../../core/refs.ts';

/** The refs of an export, each for what it is. */
export interface FileRefs {
  readonly policy: Ref;
  readonly log: Ref;
  readonly snapshot: Ref;
  /** Whatever else there is. */
  readonly others: readonly Ref[];
  readonly set: string;
  readonly id: string;
}

/** Tells the refs of an export apart. @throws {MalformedError} unless they are of one snapshot, with policy and log */
export function fileRefs(refs: readonly Ref[], what: string): FileRefs {
  const one = (isIt: (ref: Ref) => boolean, name: string): Ref => {
    const [found, ...more] = refs.filter(isIt);
    if (found !== undefined && more.length === 0) return found;
    throw new MalformedError(what, found === undefined ? `has no ${name}` : `has more than one ${name}`, {
      hint: 'Name a file that "git snapshot export" wrote.',
    });
  };
  const policy = one(({ name }) => name === POLICY_REF, 'policy');
  const log = one(({ name }) => name === LOG_REF, 'audit log');
  const snapshot = one(({ name }) => name.startsWith(SNAPSHOT_REFS), 'snapshot');
  const parsed = parseSnapshotRef(snapshot.name);
  if (parsed === undefined) throw new MalformedError(what, `'${snapshot.name}' is not the name of a snapshot`);
  const others = refs.filter((ref) => ref !== policy && ref !== log && ref !== snapshot);
  const odd = others.find(({ name }) => !name.startsWith(PROMOTION_REFS) && !name.startsWith(APPROVAL_REFS));
  if (odd !== undefined) throw new MalformedError(what, `has '${odd.name}', which is no part of a snapshot`);
  return { policy, log, snapshot, others, ...parsed };
}

/** Refs of the promotions of a snapshot, and of what was said of them, as the log tells of them. */
export function relatedRefs(events: readonly LoggedEvent[], tag: Oid): Ref[] {
  const promotions = new Set<string>();
  for (const { event } of events)
    if (event.type === 'promotion' && event.snapshot.tag === tag) promotions.add(promotionRef(event));
  const related: Ref[] = [];
  for (const [name, { tag: oid, logged }] of new ExpectedRefs(events).refs) {
    const { event } = logged;
    if ((event.type === 'promotion' || event.type === 'approval') && promotions.has(promotionRef(event)))
      related.push({ name, oid });
  }
  return related;
}
