import type { GateAnswer, GateRun } from './gate-run.ts';
import { requireChecks } from './require-checks.ts';

/** The checks that stand on the content. */
const CHECKS = ['tree', 'content', 'manifest'];

/** Whether every byte is what the signed manifest says. Verification has read all of them; this asks for it. */
export async function runManifestGate({ subject }: GateRun<'manifest'>): Promise<GateAnswer> {
  return requireChecks(subject, CHECKS);
}
