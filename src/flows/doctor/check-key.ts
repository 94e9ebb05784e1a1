import { type Checkup, note, ok, wrong } from '../../core/doctor/check.ts';
import type { Machine } from '../../core/doctor/port.ts';
import { SnapshotError } from '../../core/errors.ts';
import { holdersOf, personOf } from '../../core/policy/roles.ts';
import { ROLES } from '../../core/policy/schema.ts';
import type { Context } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { expiryCheckup } from './check-trust.ts';

/** Whether this user can sign, as whom, and until when. Who only reads and verifies needs no key. Asks for no passphrase. */
export async function checkKey(
  ctx: Context,
  trusted: TrustedPolicy,
  machine: Pick<Machine, 'hasSigned'>,
): Promise<Checkup[]> {
  const keys = await trusted.keys();
  const { policy } = trusted;
  try {
    const { key } = await ctx.signer(keys);
    const person = personOf(policy, key);
    if (person === undefined)
      return [note('key', `${key} is nobody's in the policy any more`, 'See "git snapshot key list".')];
    const roles = ROLES.filter((role) => holdersOf(policy, role).includes(person));
    const found = ok('key', `${key} of ${person}: ${roles.join(', ') || 'no role'}`);
    const publicKey = keys.find((one) => one.key === key);
    const atSec = publicKey && (await (await ctx.verifier()).expiresAtSec(publicKey));
    if (atSec === undefined) return [found, ok('key expiry', 'it does not run out')];
    const hint = 'Renew it, or run "git snapshot key rotate".';
    return [found, expiryCheckup(ctx, { check: 'key expiry', what: 'it', atSec, hint })];
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    // A server, or a machine that only verifies or restores, is none the worse for it.
    if (ctx.isBare || !(await machine.hasSigned()))
      return [
        note('key', `${error.message}: this user can verify, and sign nothing`, ctx.isBare ? undefined : error.hint),
      ];
    return [
      wrong(
        'key',
        `${error.message}, and it was here before: as it is, nobody can take a snapshot or roll back`,
        LOST_KEY,
      ),
    ];
  }
}

const LOST_KEY =
  'Bring it back from where you keep its copy. If there is none, docs/rollback-playbook.md says what to do ("Your key is lost").';
