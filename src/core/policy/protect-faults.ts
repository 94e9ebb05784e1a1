import type { Policy } from './schema.ts';

/** What a schema cannot say of the refs that are protected: that what the rules name exists, and that they say which environment. */
export function protectFaults({ protect = {}, sets, environments = {} }: Policy): string[] {
  return Object.entries(protect).flatMap(([name, { set, equals, environment }]) => {
    const at = `protect.${name}`;
    const faults: string[] = [];
    if (!Object.hasOwn(sets, set)) faults.push(`${at}.set: there is no set '${set}'`);
    if (equals === 'live' && environment === undefined)
      faults.push(`${at}.environment: is missing, and 'live' needs it`);
    if (equals === 'verified' && environment !== undefined)
      faults.push(`${at}.environment: means nothing for 'verified'`);
    if (environment !== undefined && !Object.hasOwn(environments, environment))
      faults.push(`${at}.environment: there is no environment '${environment}'`);
    return faults;
  });
}
