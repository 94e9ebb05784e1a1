import type { GateAnswer, GateRun } from './gate-run.ts';
import { requireChecks } from './require-checks.ts';

/** The checks that stand on the tag, its signature, the log and the policy. */
const CHECKS = ['ref', 'format', 'repository', 'set', 'policy', 'signature', 'log'];

/** Whether the snapshot is signed by someone who may, and is in the log. Verification has found out; this asks for it. */
export async function runSignatureGate({ subject }: GateRun<'signature'>): Promise<GateAnswer> {
  return requireChecks(subject, CHECKS);
}
