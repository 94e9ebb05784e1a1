import { displayBytes } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { GateSubject, NamedGate } from '../../core/gates/port.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { checkContent, readContent } from '../verify/check-content.ts';
import { openJudge, requireTrusted } from '../verify/judge-snapshot.ts';
import type { GateOutcome } from './results.ts';

/** The gates of these names, as the policy has them. @throws {SnapshotError} of kind `not-found` */
export function namedGates({ gates = {} }: Policy, names: readonly string[]): NamedGate[] {
  return names.map((name) => {
    const gate = Object.hasOwn(gates, name) ? gates[name] : undefined;
    if (gate !== undefined) return { name, gate };
    const all = Object.keys(gates);
    throw new SnapshotError('not-found', `the policy has no gate '${name}'`, {
      hint: all.length === 0 ? 'It has none at all; see docs/gates.md.' : `It has: ${all.join(', ')}.`,
    });
  });
}

/**
 * Verifies a snapshot, every byte of it, and runs gates over what was verified.
 *
 * @throws {SnapshotError} of kind `untrusted` if the snapshot is not to be believed; verdicts of gates are results
 */
export async function runGates(
  ctx: Context,
  trusted: TrustedPolicy,
  { stored, gates }: { stored: StoredSnapshot; gates: readonly NamedGate[] },
): Promise<GateOutcome[]> {
  const subject = await verifiedSubject(ctx, trusted, stored);
  if (gates.length === 0) return [];
  const runner = await ctx.gates();
  const schemas = await trusted.schemas();
  const progress = ctx.report.phase('Running gates');
  let done = 0;
  return Promise.all(
    gates.map(async (named) => {
      const startedMs = ctx.nowMs();
      const result = await runner.run(named, subject, schemas);
      done += 1;
      progress(done, gates.length);
      return {
        name: named.name,
        type: named.gate.type,
        verdict: result.verdict,
        detail: result.detail,
        violations: result.violations,
        evidence: sha256Of(ctx, result.evidence),
        durationMs: Math.max(0, Math.round(ctx.nowMs() - startedMs)),
      };
    }),
  );
}

/** What gates look at. @throws {SnapshotError} of kind `untrusted`, with every check that failed */
async function verifiedSubject(ctx: Context, trusted: TrustedPolicy, stored: StoredSnapshot): Promise<GateSubject> {
  const judge = await openJudge(ctx, trusted);
  const checks = [...(await judge(stored))];
  const content = await readContent(ctx, [stored]);
  checkContent(ctx, [{ snapshot: stored, checks }], content);
  requireTrusted(stored, checks);
  const listed = content.listed.get(stored);
  if (listed === undefined || listed instanceof SnapshotError) throw new Error('what was verified was listed');
  const { snapshot } = stored;
  const empty = { sha256: ctx.digest.sha256(''), size: 0 };
  const entries = listed.entries.map((entry) => ({
    ...entry,
    ...(fileType(entry.mode) === DIRECTORY ? empty : (content.digests.get(entry.oid) ?? empty)),
  }));
  const oids = new Map(entries.map(({ path, oid, size }) => [path, { oid, size }]));
  return {
    set: snapshot.set,
    id: snapshot.id,
    manifest: snapshot.manifest,
    labels: snapshot.labels,
    entries,
    checks,
    read: async (path: BytePath, maxBytes: number) => {
      const entry = oids.get(path);
      if (entry === undefined) throw new SnapshotError('not-found', `'${displayBytes(path)}' is not in the snapshot`);
      if (entry.size > maxBytes)
        throw new SnapshotError('gate', `'${displayBytes(path)}' has ${entry.size} bytes, more than ${maxBytes}`);
      return (await ctx.store.readObject(entry.oid)).body;
    },
    checkOut: () => ctx.checkOut(entries),
  };
}
