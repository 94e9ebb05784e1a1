import { MalformedError } from '../../core/errors.ts';
import type { TreeItem } from '../../core/git/tree.ts';
import { parseTree } from '../../core/git/tree.ts';
import type { Oid } from '../../core/oid.ts';
import type { ObjectReader } from '../../core/ports.ts';

type Reading = Pick<ObjectReader, 'format' | 'readObject'>;

/** Whether two trees hold the same files and links: `git add` knows no empty directories, and snapshots do. */
export type SameContent = (a: Oid, b: Oid) => Promise<boolean>;

/**
 * Compares trees top down, and stops at the first difference. What was read is kept for the next comparison.
 *
 * It throws what {@link parseTree} throws for a tree that no snapshot can have.
 */
export function contentComparison(store: Reading): SameContent {
  const read = new Map<Oid, Promise<readonly TreeItem[]>>();
  const itemsOf = (oid: Oid): Promise<readonly TreeItem[]> => {
    const known = read.get(oid) ?? readItems(store, oid);
    read.set(oid, known);
    return known;
  };
  // Few small trees can unfold without end: each is looked at once.
  const empty = new Map<Oid, Promise<boolean>>();
  const looksEmpty = async (oid: Oid): Promise<boolean> => {
    for (const item of await itemsOf(oid)) if (item.mode !== '40000' || !(await isEmpty(item.oid))) return false;
    return true;
  };
  const isEmpty = (oid: Oid): Promise<boolean> => {
    const known = empty.get(oid) ?? looksEmpty(oid);
    empty.set(oid, known);
    return known;
  };
  const filled = async (oid: Oid): Promise<TreeItem[]> => {
    const kept: TreeItem[] = [];
    for (const item of await itemsOf(oid)) if (item.mode !== '40000' || !(await isEmpty(item.oid))) kept.push(item);
    return kept;
  };
  const compare: SameContent = async (a, b) => {
    const [left, right] = [await filled(a), await filled(b)];
    const pairs = left.map((item, i) => [item, right[i]] as const);
    if (left.length !== right.length || !pairs.every(([one, other]) => isAlike(one, other))) return false;
    for (const [one, other] of pairs)
      if (one.mode === '40000' && other !== undefined && !(await same(one.oid, other.oid))) return false;
    return true;
  };
  const compared = new Map<string, Promise<boolean>>();
  const same: SameContent = (a, b) => {
    if (a === b) return Promise.resolve(true);
    const known = compared.get(`${a} ${b}`) ?? compare(a, b);
    compared.set(`${a} ${b}`, known);
    return known;
  };
  return same;
}

/** As far as can be told without reading what is below. */
function isAlike(one: TreeItem, other: TreeItem | undefined): boolean {
  if (other === undefined || one.mode !== other.mode || one.name !== other.name) return false;
  return one.mode === '40000' || one.oid === other.oid;
}

async function readItems(store: Reading, oid: Oid): Promise<readonly TreeItem[]> {
  const { type, body } = await store.readObject(oid);
  if (type !== 'tree') throw new MalformedError(`object ${oid}`, `is a ${type}, not a tree`);
  return parseTree(body, store.format, `tree ${oid}`);
}
