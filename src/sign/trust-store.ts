import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SnapshotError } from '../core/errors.ts';
import { readJsonObject } from '../core/json-object.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/** What this user trusts of one repository. It is kept outside of the repository, which cannot vouch for itself. */
export interface TrustPin {
  /** Digest of version 1 of the policy: `sha256:` and 64 lower-case hexadecimal digits. */
  readonly policy: string;
  /** When it was pinned, in seconds since the epoch. */
  readonly pinnedAtSec: number;
}

const FIELDS: ReadonlySet<string> = new Set(['format', 'policy', 'pinnedAtSec']);

/** The file with the pin of a repository. @param repositoryId - 64 lower-case hexadecimal digits */
export function trustPinPath(configDir: string, repositoryId: string): string {
  if (!/^[0-9a-f]{64}$/.test(repositoryId)) throw new RangeError('not a repository id');
  return join(configDir, 'trust', `${repositoryId}.json`);
}

/**
 * The file with what is to be trusted in a certain place, whatever repository comes there: on a server, before the first push,
 * nobody knows its id.
 *
 * @param gitDirectory - absolute, as bytes
 */
export function placePinPath(configDir: string, gitDirectory: string): string {
  const name = createHash('sha256').update(gitDirectory, 'latin1').digest('hex');
  return join(configDir, 'trust', 'places', `${name}.json`);
}

/**
 * Reads a pin.
 *
 * @param path - of {@link trustPinPath} or {@link placePinPath}
 *
 * @returns undefined if nothing is pinned
 * @throws {SnapshotError} of kind `config` if the file is not what {@link writeTrustPin} writes: it is never ignored
 */
export async function readTrustPin(path: string): Promise<TrustPin | undefined> {
  const text = await readPrivateFile(path, { secret: false });
  if (text === undefined) return undefined;
  const pin = parsePin(text);
  if (pin !== undefined) return pin;
  throw new SnapshotError('config', `the trust file '${path}' is damaged`, {
    hint: 'Compare the policy digest with someone you trust, remove the file, and pin the policy again.',
  });
}

/**
 * Pins a policy.
 *
 * @param path - as for {@link readTrustPin}
 * @param options.replace - whether it may take the place of another
 * @throws {SnapshotError} of kind `conflict` if another policy is pinned that stays
 */
export async function writeTrustPin(path: string, pin: TrustPin, { replace } = { replace: false }): Promise<void> {
  const former = replace ? undefined : await readTrustPin(path);
  if (former !== undefined && former.policy !== pin.policy) {
    throw new SnapshotError('conflict', `another policy is pinned for this repository: '${former.policy}'`, {
      hint: `If that is really no longer the one to trust, remove '${path}' first.`,
    });
  }
  const { policy, pinnedAtSec } = pin;
  const text = `${JSON.stringify({ format: 1, policy, pinnedAtSec }, null, 2)}\n`;
  if (parsePin(text) === undefined) throw new RangeError('not a trust pin');
  await writePrivateFile(path, text, { replace: true });
}

function parsePin(text: string): TrustPin | undefined {
  const pin = readJsonObject(text) ?? {};
  if (Object.keys(pin).some((field) => !FIELDS.has(field))) return undefined;
  const { format, policy, pinnedAtSec } = pin;
  if (format !== 1) return undefined;
  if (typeof policy !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(policy)) return undefined;
  if (typeof pinnedAtSec !== 'number' || !Number.isSafeInteger(pinnedAtSec) || pinnedAtSec < 0) return undefined;
  return { policy, pinnedAtSec };
}
