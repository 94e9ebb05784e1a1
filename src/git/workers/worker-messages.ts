import { type ErrorKind, SnapshotError } from '../../core/errors.ts';
import type { ObjectTask, ObjectTaskResults } from './object-task.ts';

/** To a worker thread. */
export interface TaskMessage {
  readonly id: number;
  readonly job: number;
  readonly task: ObjectTask;
}

/** From a worker thread: how far a task is, then its result or failure. */
export type ReplyMessage =
  | { readonly id: number; readonly bytes: number }
  | { readonly id: number; readonly result: ObjectTaskResults[ObjectTask['kind']] }
  | { readonly id: number; readonly failure: TransferredError };

/** An error as it crosses between threads, where classes do not. */
export interface TransferredError {
  readonly kind: ErrorKind | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly stack: string | undefined;
}

/** Takes apart an error that is to cross to another thread. */
export function transferError(error: unknown): TransferredError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const known = error instanceof SnapshotError ? error : undefined;
  return { kind: known?.kind, message, hint: known?.hint, stack };
}

/** Puts such an error together again. */
export function receiveError({ kind, message, hint, stack }: TransferredError): Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  if (kind === undefined) return cause;
  return new SnapshotError(kind, message, { cause, ...(hint === undefined ? {} : { hint }) });
}
