import { type ByteString, displayBytes, escapeText } from '../byte-string.ts';

/** The process that has the lock of a set, and is not gone for certain. */
export interface LockHolder {
  readonly pid: number;
  /** Name of its machine; undefined for this one. */
  readonly host: string | undefined;
  /** Whether it is there for certain. Nobody can tell that of another machine or container from here. */
  readonly isCertain: boolean;
  /** Absolute. */
  readonly lockFile: ByteString;
}

/** Which process: `pid 17`, `pid 17 on host 'build-3'`. */
export function holderText({ pid, host }: LockHolder): string {
  return `pid ${pid}${host === undefined ? '' : ` on host '${escapeText(host)}'`}`;
}

/** What can be said of something that it has begun: `is running (pid 17)`. @param also - more to say of it, in the parentheses */
export function runningText(holder: LockHolder, also?: string): string {
  const said = [holderText(holder), ...(also === undefined ? [] : [also])].join(', ');
  return `${holder.isCertain ? 'is running' : 'may be running'} (${said})`;
}

/** What to do while it has the lock. */
export function hintToWait({ isCertain, lockFile }: LockHolder): string {
  const wait = 'Wait until it is done.';
  return isCertain ? wait : `${wait} If you are certain that it is gone, remove '${displayBytes(lockFile)}'.`;
}
