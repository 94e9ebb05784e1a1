import { SnapshotError } from '../../core/errors.ts';
import type { Context } from '../context.ts';

/**
 * Says which policy is to be trusted in this very place, in the place of what was said before.
 *
 * Callers see to it that the policy which is here, if any, begins with it.
 */
export async function pinPlace({ trust, note }: Pick<Context, 'trust' | 'note'>, digest: string): Promise<void> {
  if (trust.place === undefined) throw new TypeError('this repository is not to stay');
  const former = await trust.place.read();
  await trust.place.pin(digest);
  if (former !== undefined && former !== digest) note(`${former} is no longer what is trusted here`);
}

/** @throws {SnapshotError} of kind `usage` for what cannot be the digest of a policy */
export function requireDigest(digest: string): void {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return;
  throw new SnapshotError('usage', `'${digest}' is not the digest of a policy`, {
    hint: 'Give \'sha256:\' and 64 lower-case hexadecimal digits, as the owner of the repository tells you: "git snapshot trust show" prints it in a clone as "Begins with".',
  });
}
