import type { ByteString } from '../byte-string.ts';
import { MalformedError } from '../errors.ts';
import type { Oid } from '../oid.ts';

/** The hooks of git that this program has a part in. */
export const HOOK_NAMES = ['pre-push', 'pre-receive', 'reference-transaction'] as const;

/** One of {@link HOOK_NAMES}. */
export type HookName = (typeof HOOK_NAMES)[number];

/** A ref that a push would change, as the receiving side is told. null: it is not there before, or not afterwards. */
export interface ReceivedUpdate {
  readonly from: Oid | null;
  readonly to: Oid | null;
  readonly ref: ByteString;
}

/** A ref that a push would change, as the sending side is told. */
export interface PushedUpdate {
  /** What was pushed, as it was typed: a ref or any name of an object; `(delete)` where `localOid` is null. */
  readonly localRef: ByteString;
  readonly localOid: Oid | null;
  readonly remoteRef: ByteString;
  /** null: the remote has no such ref. */
  readonly remoteOid: Oid | null;
}

/**
 * A ref that a transaction changes. The values are as git says them: object names, all zeros (for `old`: none, or not
 * told), or `ref:` and the target of a symbolic ref.
 */
export interface TransactionUpdate {
  readonly old: string;
  readonly new: string;
  readonly ref: ByteString;
}

const OID = '[0-9a-f]{40}(?:[0-9a-f]{24})?';
const REF = '[^ ]+';
const RECEIVED = new RegExp(`^(${OID}) (${OID}) (${REF})$`);
// What was typed may have spaces in it.
const PUSHED = new RegExp(`^(.+) (${OID}) (${REF}) (${OID})$`);
const VALUE = `${OID}|ref:[^ ]+`;
const TRANSACTION = new RegExp(`^(${VALUE}) (${VALUE}) (${REF})$`);

/** Reads what git tells `pre-receive`. @throws {MalformedError} for anything else */
export function parseReceived(input: ByteString): ReceivedUpdate[] {
  return lines(input).map((line) => {
    const [, from = '', to = '', ref = ''] = match(RECEIVED, line, 'pre-receive');
    return { from: oidOrNull(from), to: oidOrNull(to), ref };
  });
}

/** Reads what git tells `pre-push`. @throws {MalformedError} for anything else */
export function parsePushed(input: ByteString): PushedUpdate[] {
  return lines(input).map((line) => {
    const [, localRef = '', localOid = '', remoteRef = '', remoteOid = ''] = match(PUSHED, line, 'pre-push');
    return { localRef, localOid: oidOrNull(localOid), remoteRef, remoteOid: oidOrNull(remoteOid) };
  });
}

/** Reads what git tells `reference-transaction`. @throws {MalformedError} for anything else */
export function parseTransaction(input: ByteString): TransactionUpdate[] {
  return lines(input).map((line) => {
    const [, old = '', to = '', ref = ''] = match(TRANSACTION, line, 'reference-transaction');
    return { old, new: to, ref };
  });
}

/** Whether this is the name that no object has. */
export function isZero(value: string): boolean {
  return /^0+$/.test(value);
}

function lines(input: ByteString): ByteString[] {
  const found = input.split('\n');
  return found.at(-1) === '' ? found.slice(0, -1) : found;
}

function match(pattern: RegExp, line: ByteString, hook: HookName): RegExpExecArray {
  const found = pattern.exec(line);
  if (found === null) throw new MalformedError(`input of the hook ${hook}`, `has the line '${line}'`);
  return found;
}

function oidOrNull(hex: string): Oid | null {
  return isZero(hex) ? null : (hex as Oid);
}
