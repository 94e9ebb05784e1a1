import { holdersOf, personOf } from '../../core/policy/roles.ts';
import { ROLES } from '../../core/policy/schema.ts';
import type { KeyId, PublicKey } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { findKey } from './change-keys.ts';
import type { TrustedPolicy } from './load-policy.ts';
import type { KeyInfo } from './results.ts';

/** Every key that any version of the policy has had: those in force first, by person. */
export async function listKeys(ctx: Pick<Context, 'verifier'>, trusted: TrustedPolicy): Promise<KeyInfo[]> {
  const timeline = await trusted.timeline();
  const found = new Map<KeyId, Omit<KeyInfo, 'expiresAtSec'>>();
  /** As the last version that has the key has it: it may have been renewed. */
  const certificates = new Map<KeyId, PublicKey>();
  const { policy: current } = trusted;
  for (let version = 1; version <= current.version; version++) {
    const stored = timeline.version(version);
    const policy = stored?.policy;
    for (const { key, armored } of (await stored?.keys()) ?? []) certificates.set(key, { key, armored });
    for (const key of Object.keys(policy?.keys ?? {}) as KeyId[]) {
      if (policy === undefined) continue;
      const person = personOf(policy, key) ?? '';
      const known = found.get(key);
      found.set(key, {
        key,
        person,
        status: Object.hasOwn(current.keys, key) ? 'active' : 'retired',
        fromVersion: known?.fromVersion ?? version,
        toVersion: version,
        roles: ROLES.filter((role) => holdersOf(policy, role).includes(person)),
        revoked: undefined,
      });
    }
  }
  for (const [key, { reason, since }] of Object.entries(current.revoked ?? {})) {
    const known = found.get(key as KeyId);
    if (known !== undefined) found.set(known.key, { ...known, status: 'revoked', revoked: { reason, since } });
  }
  const order = ['active', 'retired', 'revoked'];
  const sorted = [...found.values()].sort(
    (a, b) => order.indexOf(a.status) - order.indexOf(b.status) || (a.person < b.person ? -1 : 1),
  );
  const verifier = await ctx.verifier();
  const expiry = async (publicKey: PublicKey | undefined) => publicKey && verifier.expiresAtSec(publicKey);
  return Promise.all(sorted.map(async (info) => ({ ...info, expiresAtSec: await expiry(certificates.get(info.key)) })));
}

/** Public keys of the policy in force, to give to other programs. `word` undefined: all. */
export async function exportKeys(
  trusted: TrustedPolicy,
  word: string | undefined,
): Promise<{ readonly person: string; readonly publicKey: PublicKey }[]> {
  const wanted = word === undefined ? undefined : findKey(trusted.policy, word);
  return (await trusted.keys())
    .filter(({ key }) => wanted === undefined || key === wanted)
    .map((publicKey) => ({ person: personOf(trusted.policy, publicKey.key) ?? '', publicKey }));
}
