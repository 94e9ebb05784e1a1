import { canonicalJson, type Json } from '../core/canonical-json.ts';
import type { GateResult, GateRunner, GateSubject } from '../core/gates/port.ts';
import type { Gate } from '../core/policy/gate-schema.ts';
import { shortText } from './findings.ts';
import { type GateAnswer, type GateRun, type GateServices, OutOfTimeError } from './gate-run.ts';

const DEFAULT_TIMEOUT_SEC = 300;
// What is waited for a gate to clean up when its time is up: to end programs, and to remove a checkout.
const CLEAN_UP_MS = 5_000;

/** What gates run with. */
export interface GateRunnerOptions extends GateServices {
  /** Milliseconds; only differences count. */
  readonly nowMs: () => number;
}

/** Runs gates in this process, and what may hang in a thread or a process of its own. */
export function createGateRunner({ nowMs, ...services }: GateRunnerOptions): GateRunner {
  return {
    run: async ({ gate }, subject, schemas) => {
      const timeoutSec = gate.timeout ?? DEFAULT_TIMEOUT_SEC;
      const deadlineMs = nowMs() + timeoutSec * 1000;
      const abort = new AbortController();
      const { signal } = abort;
      const checkTime = () => {
        if (signal.aborted || nowMs() > deadlineMs) throw new OutOfTimeError();
      };
      const timers: NodeJS.Timeout[] = [];
      const timeUp = new Promise<void>((resolve) => {
        const end = () => {
          abort.abort();
          timers.push(setTimeout(resolve, CLEAN_UP_MS));
        };
        timers.push(setTimeout(end, timeoutSec * 1000));
      });
      const outOfTime = (): GateResult =>
        failure({ gate, subject, detail: `no verdict after ${timeoutSec} s, its time limit` });
      const judge = async (): Promise<GateResult> => {
        try {
          const answer = await perform({ gate, subject, schemas, services, signal, checkTime });
          return signal.aborted ? outOfTime() : resultOf(answer, { gate, subject });
        } catch (error) {
          // A gate that throws has not passed, whatever it was: a bug of ours, too, must not let anything through.
          if (signal.aborted || error instanceof OutOfTimeError) return outOfTime();
          return failure({ gate, subject, detail: error instanceof Error ? error.message : String(error) });
        }
      };
      try {
        return await Promise.race([judge(), timeUp.then(outOfTime)]);
      } finally {
        for (const timer of timers) clearTimeout(timer);
      }
    },
    schemaFault: async (schema) =>
      (await import('./json-schema/schema-fault.ts')).schemaFault(schema, services.schemaWorkerFile),
  };
}

/** Each gate is loaded when it is first asked for. */
async function perform({ gate, ...run }: Omit<GateRun<never>, 'gate'> & { gate: Gate }): Promise<GateAnswer> {
  switch (gate.type) {
    case 'signature':
      return (await import('./signature-gate.ts')).runSignatureGate({ ...run, gate });
    case 'manifest':
      return (await import('./manifest-gate.ts')).runManifestGate({ ...run, gate });
    case 'json-schema':
      return (await import('./json-schema/schema-gate.ts')).runSchemaGate({ ...run, gate });
    case 'index':
      return (await import('./index-gate.ts')).runIndexGate({ ...run, gate });
    case 'routing':
      return (await import('./routing-gate.ts')).runRoutingGate({ ...run, gate });
    case 'contract':
      return (await import('./contract-gate.ts')).runContractGate({ ...run, gate });
    case 'command':
      return (await import('./command/command-gate.ts')).runCommandGate({ ...run, gate });
    case 'rehearsed':
      return (await import('./rehearsed-gate.ts')).runRehearsedGate({ ...run, gate });
    default:
      throw new Error(`there is no gate of type '${String((gate satisfies never as Gate).type)}'`);
  }
}

interface Judged {
  readonly gate: Gate;
  readonly subject: GateSubject;
}

function resultOf({ findings, looked, inputs, failed, error }: GateAnswer, { gate, subject }: Judged): GateResult {
  const verdict = error !== undefined ? 'error' : findings.total > 0 ? 'fail' : 'pass';
  const detail = error ?? (verdict === 'pass' ? looked : (failed ?? findings.summary()));
  const evidence = canonicalJson({ gate: gate as Json, manifest: subject.manifest, ...inputs });
  return { verdict, detail: shortText(detail), violations: findings.kept, evidence };
}

function failure({ gate, subject, detail }: Judged & { detail: string }): GateResult {
  // What was looked at is not known: only what should have been.
  const evidence = canonicalJson({ error: true, gate: gate as Json, manifest: subject.manifest });
  return { verdict: 'error', detail: shortText(detail), violations: [], evidence };
}
