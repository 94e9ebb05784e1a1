import type { ExpectedRef } from '../../core/audit/expected-refs.ts';
import type { Ref } from '../../core/ports.ts';
import { RECORDED_REFS } from '../../core/refs.ts';
import type { Finding } from '../../core/trust/finding.ts';
import type { Context } from '../context.ts';

/**
 * Holds the governed refs against the log: every ref must have the event that made it, and every event must have its ref.
 * Counts, too, how many that have an event are not there.
 *
 * Refs move together with the log: where it has moved since `expected` was read, what is found here may be right.
 */
export async function compareRefs(
  ctx: Pick<Context, 'store'>,
  expected: ReadonlyMap<string, ExpectedRef>,
): Promise<{ readonly findings: Finding[]; readonly missing: number }> {
  const refs: Ref[] = [];
  for (const prefix of RECORDED_REFS) refs.push(...(await ctx.store.listRefs(prefix)));
  const there = new Map(refs.map(({ name, oid }) => [name, oid]));
  const findings: Finding[] = refs
    .filter(({ name }) => !expected.has(name))
    .map(({ name, oid }) => ({ rule: 'ref', object: oid, detail: `'${name}' has no event in the log` }));
  let missing = 0;
  for (const [name, { tag, logged }] of expected) {
    const found = there.get(name);
    if (found === tag) continue;
    if (found === undefined) missing += 1;
    const what = `event ${logged.event.seq} tells of '${name}' at ${tag}`;
    findings.push(
      found === undefined
        ? { rule: 'ref', object: logged.oid, detail: `${what}, and its ref is gone` }
        : { rule: 'ref', object: found, detail: `${what}, and it is at ${found}` },
    );
  }
  return { findings, missing };
}
