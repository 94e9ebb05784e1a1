import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SnapshotError } from '../core/errors.ts';
import { openAuthenticator } from './memory-key.ts';
import { codeOf } from './private-file.ts';

/** The clone whose memory it is. */
export interface CloneName {
  /** The user's directory for this program. */
  readonly configDir: string;
  /** Repository id, 64 lower-case hexadecimal digits. */
  readonly repository: string;
  /** Random name of the clone, 32 lower-case hexadecimal digits. */
  readonly clone: string;
}

const FORMAT = 2;

/** What of a clone is remembered, each in a file of its own. */
export interface MemoryPart {
  /** Ends the name of the file. */
  readonly suffix: '' | '.events';
  /** What it is, and in which form: a file of another purpose counts as absent. */
  readonly purpose: string;
}

/** What the log and the policy have come to. */
const STATE: MemoryPart = { suffix: '', purpose: `git-snapshot memory ${FORMAT}` };

/**
 * What this user verified in a clone before: any JSON, with an HMAC over it and over the names of repository and clone.
 *
 * Whoever edits the file or copies another's makes it count as absent. It only saves time and shows that
 * something went back, so it need not survive a power cut.
 */
export async function readMemory<T>(name: CloneName, part: MemoryPart = STATE): Promise<T | undefined> {
  const bytes = readIfThere(memoryPath(name, part));
  const end = bytes?.indexOf('\n') ?? -1;
  if (bytes === undefined) return undefined;
  const authenticate = await authenticator(name, part);
  const given = Buffer.from(bytes.toString('latin1', 0, end), 'hex');
  const body = bytes.subarray(end + 1);
  const expected = Buffer.from(authenticate(body), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(body.toString()) as T;
}

/** Replaces what is remembered. A failure to write is not an error: the next command verifies more than it must. */
export async function writeMemory(name: CloneName, value: unknown, part: MemoryPart = STATE): Promise<void> {
  const path = memoryPath(name, part);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const authenticate = await authenticator(name, part);
    const body = `${JSON.stringify(value)}\n`;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${authenticate(body)}\n${body}`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    if (codeOf(error) === undefined && !(error instanceof SnapshotError)) throw error;
    rmSync(temporary, { force: true });
  }
}

/** Forgets a clone. */
export function removeMemory(name: CloneName): void {
  for (const suffix of ['', '.events'] as const) rmSync(memoryPath(name, { suffix }), { force: true });
}

/** Whether anything is remembered of that, be it believed or not. */
export function hasMemory(name: CloneName, part: MemoryPart): boolean {
  return existsSync(memoryPath(name, part));
}

const MAX_EVENTS_AGE_MS = 90 * 86_400_000;

/**
 * Forgets the events of clones that nobody wrote to for 90 days, most of which are gone for good, and files of writers that
 * were killed. Events only save time, and are verified anew where they are asked for once more; what the log of a clone had come
 * to is never forgotten: it shows when one goes back. What cannot be removed stays.
 */
export function forgetOldEvents({ configDir, nowMs }: { configDir: string; nowMs: number }): void {
  const seen = join(configDir, 'seen');
  for (const repository of namesIn(seen)) {
    for (const name of namesIn(join(seen, repository))) {
      if (!/^[0-9a-f]{32}(?:\.events|(?:\.events)?\.[0-9a-f]{12}\.tmp)$/.test(name)) continue;
      const path = join(seen, repository, name);
      try {
        if (nowMs - statSync(path).mtimeMs > MAX_EVENTS_AGE_MS) rmSync(path, { force: true });
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
      }
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
}

function memoryPath({ configDir, repository, clone }: CloneName, { suffix }: Pick<MemoryPart, 'suffix'>): string {
  if (!/^[0-9a-f]{64}$/.test(repository) || !/^[0-9a-f]{32}$/.test(clone))
    throw new RangeError('not a name of a clone');
  return join(configDir, 'seen', repository, `${clone}${suffix}`);
}

function authenticator(
  { configDir, repository, clone }: CloneName,
  { purpose }: MemoryPart,
): Promise<(text: string | Uint8Array) => string> {
  return openAuthenticator(configDir, [purpose, repository, clone]);
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) !== undefined) return undefined;
    throw error;
  }
}
