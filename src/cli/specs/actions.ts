import type { ActionSpec, OptionSpec } from '../spec.ts';

/** The first word of a command that has actions. */
export const ACTION = { name: 'action', summary: 'What to do; see above' } as const;

/** Of the actions that ask. */
export const YES = { name: 'yes', short: 'y', type: 'flag', summary: 'Do not ask' } as const;

/** Of commands that change something and never ask: whoever passes --yes everywhere need not know which they are. */
export const YES_IN_VAIN = { ...YES, summary: 'Accepted as everywhere; this asks nothing' } as const;

/** Of what others will judge by its reason. */
export const REASON = {
  name: 'message',
  short: 'm',
  type: 'text',
  value: 'WHY',
  summary: 'The reason, which is signed (required)',
} as const satisfies OptionSpec;

/** A paragraph an action: how it is typed, and what it does. */
export function tell(actions: readonly ActionSpec[]): string[] {
  return actions.map(({ name, takes, summary }) => `${[name, takes].filter(Boolean).join(' ')}: ${summary}.`);
}
