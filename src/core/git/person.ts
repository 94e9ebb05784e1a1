import type { ByteString } from '../byte-string.ts';
import { hasUnsafeCharacters, utf8Encode } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';

/** Who did something, and when: the tagger, author and committer lines of git. Always in UTC. */
export interface Person {
  readonly name: string;
  readonly email: string;
  /** Seconds since the Unix epoch. */
  readonly atSec: number;
}

const NAME = /^[^<>\n\0]*[^<>\n\0 ]$/;
/** The end of the year 9999. */
const MAX_SEC = 253_402_300_799;
const EMAIL = /^[^<> \n\0]*$/;

/**
 * `Name <email> seconds +0000`.
 *
 * @throws {SnapshotError} for a name or address that cannot stand in that line
 */
export function encodePerson({ name, email, atSec }: Person): ByteString {
  if (!NAME.test(name) || name.startsWith(' ') || !EMAIL.test(email) || hasUnsafeCharacters(name + email)) {
    throw new SnapshotError(
      'config',
      `'${JSON.stringify(`${name} <${email}>`).slice(1, -1)}' cannot be used as an identity`,
      {
        hint: 'Set user.name and user.email with "git config", without angle brackets and control characters.',
      },
    );
  }
  if (!Number.isInteger(atSec) || atSec < 0 || atSec > MAX_SEC) {
    throw new SnapshotError('config', 'the clock of this machine is outside the years 1970 to 9999', {
      hint: 'Nothing was signed. Set the clock.',
    });
  }
  return utf8Encode(`${name} <${email}> ${atSec} +0000`);
}

/** Reverses {@link encodePerson} over decoded text; undefined for any other shape. */
export function parsePerson(text: string): Person | undefined {
  const match = /^([^<>]*[^<> ]) <([^<> ]*)> (0|[1-9][0-9]{0,11}) \+0000$/.exec(text);
  if (match === null) return undefined;
  const [, name = '', email = '', seconds = ''] = match;
  const atSec = Number(seconds);
  if (name.startsWith(' ') || hasUnsafeCharacters(name + email) || atSec > MAX_SEC) return undefined;
  return { name, email, atSec };
}
