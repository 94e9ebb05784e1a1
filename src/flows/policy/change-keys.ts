import { SnapshotError } from '../../core/errors.ts';
import { personOf } from '../../core/policy/roles.ts';
import type { Policy } from '../../core/policy/schema.ts';
import type { PolicyDraft } from '../../core/policy/source.ts';
import { nextPolicy } from '../../core/policy/source.ts';
import { isName, requireName } from '../../core/refs.ts';
import type { KeyId, PublicKey } from '../../core/signing.ts';
import { fingerprintOf } from '../../core/signing.ts';
import type { Context, KeyChoice } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import type { ConfirmPolicy } from './change-policy.ts';
import { fileDigest, proposePolicy } from './change-policy.ts';
import type { TrustedPolicy } from './load-policy.ts';
import type { PolicyOutcome } from './results.ts';

interface Confirming {
  readonly confirm: ConfirmPolicy | undefined;
}

/** Gives a person one more key. Somebody who is not in the policy yet is added, without any role. */
export async function addKey(
  ctx: Context,
  trusted: TrustedPolicy,
  { file, person, name, confirm }: Confirming & { file: string; person: string; name: string | undefined },
): Promise<PolicyOutcome> {
  const added = await ctx.publicKeyFile(file);
  const owner = personOf(trusted.policy, added.key);
  if (owner !== undefined) throw new SnapshotError('conflict', `${added.key} is already ${owner}'s key`);
  refuseRevoked(trusted.policy, added.key);
  requireName(person, 'person');
  const { people } = trusted.policy;
  const former = Object.hasOwn(people, person) ? people[person] : undefined;
  const changed = { name: name ?? former?.name ?? person, keys: [...(former?.keys ?? []), added.key] };
  const draft = await changeOf(ctx, trusted, { people: { ...people, [person]: changed } }, [added]);
  return proposePolicy(ctx, trusted, { draft, confirm });
}

/**
 * Puts a new key in the place of this user's own: the new one comes in, the old one is retired, and both sign.
 * What the old one signed before stays good.
 */
export async function rotateKey(
  ctx: Context,
  trusted: TrustedPolicy,
  { choice, passphrase, confirm }: Confirming & { choice: KeyChoice; passphrase: boolean },
): Promise<PolicyOutcome & { readonly retired: KeyId; readonly added: KeyId }> {
  const signer = await ctx.signer(await trusted.keys());
  const person = requireOwner(trusted.policy, signer.key);
  const { signer: fresh, publicKey } = await ctx.obtainKey(choice, { passphrase });
  if (personOf(trusted.policy, publicKey.key) !== undefined) {
    throw new SnapshotError('conflict', `${publicKey.key} is already in the policy`, {
      hint: 'Name another with --key, or let one be made with --key new.',
    });
  }
  refuseRevoked(trusted.policy, publicKey.key);
  const { people } = trusted.policy;
  const keys = [...(people[person]?.keys ?? []).filter((key) => key !== signer.key), publicKey.key];
  const changed = { ...people, [person]: { name: people[person]?.name ?? person, keys } };
  const draft = await changeOf(ctx, trusted, { people: changed }, [publicKey]);
  const outcome = await proposePolicy(ctx, trusted, { draft, confirm, also: [fresh] });
  return { ...outcome, retired: signer.key, added: publicKey.key };
}

/** Takes a key out of the policy. What it signed before stays good. */
export async function retireKey(
  ctx: Context,
  trusted: TrustedPolicy,
  { key: word, confirm }: Confirming & { key: string },
): Promise<PolicyOutcome> {
  const key = findKey(trusted.policy, word);
  const draft = await changeOf(ctx, trusted, { people: withoutKey(trusted.policy, key) }, []);
  return proposePolicy(ctx, trusted, { draft, confirm });
}

/**
 * Says that a key is not to be believed from some event of the log on; what it signed before that stays good.
 *
 * @param options.since - undefined: from the next event on
 */
export async function revokeKey(
  ctx: Context,
  trusted: TrustedPolicy,
  {
    key: word,
    reason,
    since,
    confirm,
  }: Confirming & { key: string; reason: 'compromised' | 'lost'; since: number | undefined },
): Promise<PolicyOutcome> {
  const { policy } = trusted;
  const key = await findKeyEver(trusted, word);
  const next = (await openLog(ctx, trusted)).state.seq + 1;
  if (since !== undefined && since > next) {
    throw new SnapshotError('usage', `the log has no event ${since} yet`, { hint: `The next one is ${next}.` });
  }
  const former = policy.revoked?.[key];
  const from = Math.min(since ?? next, former?.since ?? next);
  const revoked = { ...policy.revoked, [key]: { reason, since: from } };
  const draft = await changeOf(ctx, trusted, { people: withoutKey(policy, key), revoked }, []);
  return proposePolicy(ctx, trusted, { draft, confirm });
}

async function changeOf(
  ctx: Context,
  trusted: TrustedPolicy,
  changes: Parameters<typeof nextPolicy>[1],
  added: readonly PublicKey[],
): Promise<PolicyDraft> {
  const former = { policy: trusted.policy, keys: await trusted.keys(), schemas: await trusted.schemas() };
  return nextPolicy(former, changes, { added, digestOf: fileDigest(ctx) });
}

function withoutKey({ people }: Policy, key: KeyId): Policy['people'] {
  return Object.fromEntries(
    Object.entries(people).map(([name, person]) => [
      name,
      { ...person, keys: person.keys.filter((other) => other !== key) },
    ]),
  );
}

/** The key of the policy that a word means: its name, its fingerprint, the end of it, or a person who has one key. */
export function findKey(policy: Policy, word: string): KeyId {
  return chooseKey(policy, word, Object.keys(policy.keys) as KeyId[]);
}

/** The same, among the keys of all versions. */
async function findKeyEver(trusted: TrustedPolicy, word: string): Promise<KeyId> {
  const timeline = await trusted.timeline();
  const keys = new Set<KeyId>();
  for (let version = trusted.policy.version; version >= 1; version--) {
    for (const key of Object.keys(timeline.version(version)?.policy.keys ?? {})) keys.add(key as KeyId);
  }
  return chooseKey(trusted.policy, word, [...keys]);
}

const SHORTEST_FINGERPRINT = 8;

function chooseKey(policy: Policy, word: string, keys: readonly KeyId[]): KeyId {
  const ofPerson = isName(word) && Object.hasOwn(policy.people, word) ? (policy.people[word]?.keys ?? []) : [];
  const wanted = word.toLowerCase();
  const named = keys.filter((key) => {
    const fingerprint = fingerprintOf(key).toLowerCase();
    return key.toLowerCase() === wanted || (wanted.length >= SHORTEST_FINGERPRINT && fingerprint.endsWith(wanted));
  });
  const [only, other] = named.length > 0 ? named : ofPerson;
  if (only === undefined) {
    throw new SnapshotError('not-found', `the policy has no key '${word}'`, {
      hint: `Give a fingerprint or its last ${SHORTEST_FINGERPRINT} digits; see "git snapshot key list".`,
    });
  }
  if (other !== undefined) {
    throw new SnapshotError('usage', `'${word}' can mean several keys`, {
      hint: `Give one of: ${(named.length > 0 ? named : ofPerson).join(', ')}.`,
    });
  }
  return only;
}

function requireOwner(policy: Policy, key: KeyId): string {
  const person = personOf(policy, key);
  if (person === undefined) throw new Error('a signer of the policy has a person');
  return person;
}

function refuseRevoked({ revoked }: Policy, key: KeyId): void {
  const revocation = revoked?.[key];
  if (revocation === undefined) return;
  throw new SnapshotError('conflict', `${key} was revoked: it is ${revocation.reason}`, {
    hint: 'A revoked key never comes back. Use another.',
  });
}
