import { MalformedError } from './errors.ts';

/** What canonical JSON can hold: no fractions, so that every number has one spelling, and text that is valid Unicode. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * The one spelling of a value: keys sorted by code unit, no white space, integers only.
 * Members that are undefined are left out.
 *
 * Signatures and digests are over these bytes, so the same value must always print the same.
 *
 * @throws {RangeError} for what is no {@link Json} after all: a fraction, a lone surrogate, nesting without end
 */
export function canonicalJson(value: Json): string {
  return print(value, 0);
}

const MAX_DEPTH = 100;

function print(value: Json, depth: number): string {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`);
    return String(value);
  }
  if (typeof value === 'string') return printText(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (depth === MAX_DEPTH) throw new RangeError(`values are nested more than ${MAX_DEPTH} deep`);
  // The log is thousands of these: no list is made where a string will do.
  if (isArray(value)) {
    let items = '';
    for (const item of value) items += `${items === '' ? '' : ','}${print(item, depth + 1)}`;
    return `[${items}]`;
  }
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${printText(key)}:${print(member, depth + 1)}`;
  }
  return `{${members}}`;
}

/** Text that JSON spells as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

function printText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new RangeError('text has a lone surrogate');
  return JSON.stringify(text);
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Parses JSON that must be in its canonical spelling.
 *
 * @param what - named in the error
 * @throws {MalformedError} for anything that {@link canonicalJson} would not have printed
 */
export function parseCanonicalJson(text: string, what: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new MalformedError(what, 'not JSON', { cause });
  }
  let printed: string;
  try {
    printed = canonicalJson(value);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new MalformedError(what, cause.message, { cause });
  }
  if (printed !== text) throw new MalformedError(what, 'not in canonical form');
  return value;
}
