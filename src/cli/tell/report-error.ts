import { escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { GatesFailedError } from '../../flows/gates/gates-failed-error.ts';
import { HealthFailedError } from '../../flows/rollback/health-failed-error.ts';
import { DeclinedError, exitCodeOf } from '../exit-code-table.ts';
import { gateJson } from '../json/gates.ts';
import { healthJson } from '../json/health.ts';
import type { Io } from '../terminal/io.ts';
import { jsonText } from '../terminal/output.ts';
import { VERSION } from '../version.ts';

/** Prints an error on standard error, as git does or as one JSON document with what was told before, and gives the exit code. */
export function reportError(
  error: unknown,
  { stderr }: Pick<Io, 'stderr'>,
  { json, verbose, notes = [] }: { json: boolean; verbose: boolean; notes?: readonly string[] },
): number {
  const exitCode = exitCodeOf(error);
  if (json) {
    const hint = error instanceof SnapshotError ? (error.hint ?? null) : null;
    const gates = error instanceof GatesFailedError ? { gates: error.gates.map(gateJson) } : {};
    const health =
      error instanceof HealthFailedError
        ? {
            health: healthJson(error.health),
            ...(error.former === undefined ? {} : { healthBefore: healthJson(error.former) }),
          }
        : {};
    const told = notes.length === 0 ? {} : { notes };
    const document = { kind: kindOf(error), message: messageOf(error), hint, exitCode, ...gates, ...health, ...told };
    stderr.write(`${jsonText({ error: document })}\n`);
    return exitCode;
  }
  const known = error instanceof SnapshotError || error instanceof DeclinedError;
  const lines = known ? knownLines(error, verbose) : bugLines(error);
  stderr.write(`${lines.join('\n')}\n`);
  return exitCode;
}

function kindOf(error: unknown): string {
  if (error instanceof SnapshotError) return error.kind;
  return error instanceof DeclinedError ? 'declined' : 'bug';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function knownLines(error: SnapshotError | DeclinedError, verbose: boolean): string[] {
  const lines = escapeLines(`error: ${error.message}`);
  if (error instanceof SnapshotError && error.hint !== undefined) {
    lines.push(...error.hint.split('\n').map((line) => `hint: ${escapeText(line)}`));
  }
  return verbose ? [...lines, ...causeLines(error)] : lines;
}

/** The errors underneath, outermost first; of those that are not ours, the stack. */
function causeLines(error: Error): string[] {
  const lines: string[] = [];
  for (
    let cause = error.cause;
    cause !== undefined && lines.length < 200;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    const text =
      cause instanceof Error && !(cause instanceof SnapshotError) ? (cause.stack ?? cause.message) : messageOf(cause);
    lines.push(...escapeLines(`caused by: ${text}`));
  }
  return lines;
}

function bugLines(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const causes = error instanceof Error ? causeLines(error) : [];
  return [
    `error: a bug in git-snapshot ${VERSION}: ${escapeText(messageOf(error).split('\n')[0] ?? '')}`,
    ...escapeLines(stack),
    ...causes,
    'hint: Please report this, with the lines above and the command.',
  ];
}

function escapeLines(text: string): string[] {
  return text.split('\n').map(escapeText);
}
