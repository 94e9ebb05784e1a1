import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readJsonObject } from '../../core/json-object.ts';
import type { Processes } from '../../core/processes.ts';
import { isSystemError } from './disk.ts';

/** A process, so that it cannot be taken for another one that has its number later, or elsewhere. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Of this start of the system; empty where the system has no such thing. */
  readonly boot: string;
  /** In which process numbers are counted (containers have their own); empty where the system has no such thing. */
  readonly namespace: string;
  /** When it started, in the system's own count; empty where that cannot be read. */
  readonly start: string;
}

export function thisProcess(): ProcessIdentity {
  return identify(process.pid);
}

/** The processes of this machine. */
export const processes: Processes = {
  describe: (pid) => JSON.stringify(identify(pid)),
  isGone: (text) => {
    const identity = parseIdentity(text);
    return identity !== undefined && isGone(identity);
  },
};

/** Undefined for what is no identity. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const { pid, host, boot, namespace, start } = readJsonObject(text) ?? {};
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof boot !== 'string') return undefined;
  if (typeof namespace !== 'string' || typeof start !== 'string') return undefined;
  return { pid, host, boot, namespace, start };
}

function identify(pid: number): ProcessIdentity {
  return {
    pid,
    host: hostname(),
    boot: readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
    namespace: readNamespace(),
    start: readState(pid)?.start ?? '',
  };
}

/** Whether a process is certainly gone. One on another machine, or in another container, never is. */
export function isGone(other: ProcessIdentity, self: ProcessIdentity = thisProcess()): boolean {
  if (other.host !== self.host) return false;
  if (other.boot !== self.boot) return true;
  if (other.namespace !== self.namespace) return false;
  const state = readState(other.pid);
  if (state !== undefined) return state.ended || (other.start !== '' && state.start !== other.start);
  try {
    process.kill(other.pid, 0);
    return false;
  } catch (error) {
    return isSystemError(error, 'ESRCH');
  }
}

function readState(pid: number): { start: string; ended: boolean } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the program's name, in parentheses, and may hold anything: proc(5). Fields are counted after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { ended: fields[0] === 'Z' || fields[0] === 'X', start: fields[19] ?? '' };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}

function readNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
}
