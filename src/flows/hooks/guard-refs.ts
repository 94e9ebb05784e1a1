import type { Oid } from '../../core/oid.ts';
import type { GitStore } from '../../core/ports.ts';
import { type GOVERNED_ROOTS, governedRoot } from '../../core/share/governed-refs.ts';
import { isZero, type TransactionUpdate } from '../../core/share/hook-input.ts';
import type { HookVerdict, RefusedChange } from '../../core/share/hook-verdict.ts';

/** What the guard needs to know of the repository. */
export interface RefGuard {
  readonly store: Pick<GitStore, 'listRefs'>;
  /** Whether a ref has this value in a file of its own and among the packed ones, so that git may drop the first. */
  readonly isPackedCopy: (copy: { readonly ref: string; readonly oid: string }) => Promise<boolean>;
}

type Root = (typeof GOVERNED_ROOTS)[number];

/** What to do instead of changing such a ref by hand. */
const WAYS: Readonly<Record<Root, string>> = {
  'refs/snapshots': 'Use "git snapshot create", "git snapshot prune" and "git snapshot fetch".',
  'refs/promotions': 'Use "git snapshot promote" and "git snapshot fetch".',
  'refs/approvals': 'Use "git snapshot approve", "git snapshot reject" and "git snapshot fetch".',
  'refs/holds': 'Use "git snapshot hold", "git snapshot release" and "git snapshot fetch".',
  'refs/trash': 'Use "git snapshot prune" and "git snapshot undelete".',
  'refs/snapshot-policy': 'Use "git snapshot policy apply", "git snapshot policy sign" and "git snapshot fetch".',
  'refs/notes/snapshots': 'Use "git snapshot fetch"; where the log is broken, "git snapshot log repair".',
  'refs/tags/promotions': 'Use "git snapshot promote" and "git snapshot fetch".',
};

/**
 * Judges a ref transaction that is none of ours: it may not make, move or delete what this program keeps. What leaves
 * the values as they are passes, as packing does. A convenience against accidents: trust rests on signatures.
 *
 * @param state - of the transaction; git heeds a verdict on `prepared` alone
 */
export async function guardRefs(
  guard: RefGuard,
  { state, updates }: { readonly state: string; readonly updates: readonly TransactionUpdate[] },
): Promise<HookVerdict> {
  if (state !== 'prepared') return { refused: [] };
  const governed = updates.flatMap((update) => {
    const root = governedRoot(update.ref);
    return root === undefined ? [] : [{ ...update, root }];
  });
  const current = await currentValues(guard, governed);
  const refused: RefusedChange[] = [];
  for (const update of governed) {
    const reason = await fault(guard, update, current.get(update.ref));
    if (reason !== undefined) refused.push({ ref: update.ref, reason, hint: WAYS[update.root] });
  }
  return { refused };
}

async function currentValues(
  { store }: RefGuard,
  updates: readonly { readonly ref: string; readonly root: Root }[],
): Promise<ReadonlyMap<string, Oid>> {
  const values = new Map<string, Oid>();
  // Of one ref alone, its name is the quicker question.
  const [only, ...others] = updates;
  const questions = only !== undefined && others.length === 0 ? [only.ref] : updates.map(({ root }) => `${root}/`);
  for (const question of new Set([...questions, ...updates.flatMap(({ ref, root }) => (ref === root ? [ref] : []))])) {
    for (const { name, oid } of await store.listRefs(question)) values.set(name, oid);
  }
  return values;
}

async function fault(
  guard: RefGuard,
  update: TransactionUpdate,
  current: Oid | undefined,
): Promise<string | undefined> {
  if (update.new === current) return undefined;
  if (!isZero(update.new)) {
    return current === undefined
      ? `would be made by hand, as ${update.new}`
      : `would be moved by hand, from ${current} to ${update.new}`;
  }
  if (current === undefined) return undefined;
  const isPacking = !isZero(update.old) && (await guard.isPackedCopy({ ref: update.ref, oid: update.old }));
  return isPacking ? undefined : `would be deleted; it is ${current}`;
}
