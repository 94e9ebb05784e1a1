import { CLIENT_REFS } from '../refs.ts';

/** Below these is what this program keeps: nothing else should write there. The scripts in `hooks/` have the same list. */
export const GOVERNED_ROOTS = [
  'refs/snapshots',
  'refs/promotions',
  'refs/approvals',
  'refs/holds',
  'refs/trash',
  'refs/snapshot-policy',
  'refs/notes/snapshots',
  'refs/tags/promotions',
] as const;

/** The root that a ref is, or is below; undefined for a ref that is none of our concern. */
export function governedRoot(ref: string): (typeof GOVERNED_ROOTS)[number] | undefined {
  return GOVERNED_ROOTS.find((root) => ref === root || ref.startsWith(`${root}/`));
}

/** Whether a ref is for clones alone. */
export function isClientRef(ref: string): boolean {
  return CLIENT_REFS.some((prefix) => `${ref}/` === prefix || ref.startsWith(prefix));
}
