import { layoutChanges } from '../../core/policy/layout-changes.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { Context } from '../context.ts';

/** Says what the next policy means for directories that are laid out by the one in force. */
export function warnOfLayout({ note }: Pick<Context, 'note'>, before: Policy, after: Policy): void {
  for (const change of layoutChanges(before, after)) note(`warning: ${change}`);
}
