import { once } from '../../core/once.ts';
import type { Context } from '../../flows/context.ts';
import { lazily } from './lazily.ts';

/** What this user trusts, this place included. */
export type Trust = Context['trust'] & { readonly place: NonNullable<Context['trust']['place']> };

const METHODS = {
  read: true,
  readPin: true,
  pin: true,
  recall: true,
  remember: true,
  recallEvents: true,
  rememberEvents: true,
  forget: true,
  repositoryOfClone: true,
} as const;

/** Loaded when it is first asked for something: a listing does not ask. */
export function lazyTrust(load: () => Promise<Trust>): Trust {
  const loaded = once(load);
  return {
    ...lazily<Omit<Trust, 'place'>>(METHODS, loaded),
    place: lazily<Trust['place']>({ read: true, pin: true }, async () => (await loaded()).place),
  };
}
