import type { ActionSpec } from '../spec.ts';

/** The first word of a command that has actions. */
export const ACTION = { name: 'action', summary: 'What to do; see above' } as const;

/** Of the actions that ask. */
export const YES = { name: 'yes', short: 'y', type: 'flag', summary: 'Do not ask' } as const;

/** A paragraph an action: how it is typed, and what it does. */
export function tell(actions: readonly ActionSpec[]): string[] {
  return actions.map(({ name, takes, summary }) => `${[name, takes].filter(Boolean).join(' ')}: ${summary}.`);
}
