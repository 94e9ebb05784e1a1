import type { HealthCheck } from '../policy/recovery-schema.ts';
import type { Policy } from '../policy/schema.ts';

/**
 * The program that is asked after a rollback: the environment's, where it is an environment that goes back and has one of its
 * own, else the set's. Undefined: none.
 */
export function healthCheckOf(
  { sets, environments = {} }: Policy,
  { set, environment }: { readonly set: string; readonly environment: string | undefined },
): HealthCheck | undefined {
  const of = <Value>(values: Readonly<Record<string, Value>>, name: string) =>
    Object.hasOwn(values, name) ? values[name] : undefined;
  const own = environment === undefined ? undefined : of(environments, environment)?.rollback?.health;
  return own ?? of(sets, set)?.rollback?.health;
}
