import { expect, test } from 'vitest';
import { signatureVerifier } from '../../src/sign/verify-signatures.ts';
import { listed, makeKey } from './craft.ts';
import { DAY, T0, verifierAt, YEAR } from './keys.ts';

type Options = Parameters<typeof makeKey>[1];

/** When a key that was made at T0 runs out, in seconds since then, asked so long after. */
async function expiry(options: Options, askedAfterSec = DAY): Promise<number | undefined> {
  const key = listed(await makeKey(T0, options));
  const atSec = await verifierAt(T0 + askedAfterSec).expiresAtSec(key);
  return atSec === undefined ? undefined : atSec - T0;
}

test.each<{ title: string; options: Options; expected: number | undefined; askedAfterSec?: number }>([
  { title: 'a key without an end has none', options: {}, expected: undefined },
  { title: 'a key has its own end', options: { keyExpirationTime: YEAR }, expected: YEAR },
  {
    title: 'a key that has run out did so then',
    options: { keyExpirationTime: YEAR },
    askedAfterSec: 3 * YEAR,
    expected: YEAR,
  },
  {
    title: 'a key that itself may sign outlives its signing subkey',
    options: { subkeys: [{ sign: true, keyExpirationTime: YEAR }] },
    expected: undefined,
  },
  {
    title: 'a signing subkey does not outlive its key',
    options: { keyExpirationTime: YEAR, subkeys: [{ sign: true, keyExpirationTime: 3 * YEAR }] },
    expected: YEAR,
  },
])('$title', async ({ options, expected, askedAfterSec }) => {
  expect(await expiry(options, askedAfterSec)).toBe(expected);
});

test('an SSH key does not expire, and nothing is known of what is no key', async () => {
  const verifier = signatureVerifier({ nowSec: () => T0 });
  expect(await verifier.expiresAtSec({ key: `ssh:${'0'.repeat(64)}`, armored: 'ssh-ed25519 AAAA\n' })).toBeUndefined();
  expect(await verifier.expiresAtSec({ key: `openpgp:${'0'.repeat(40)}`, armored: 'nothing' })).toBeUndefined();
});
