/** A value as `JSON.parse` gives it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** The member of a list or an object under a key, or undefined. Only what is the value's own: `constructor` is nothing. */
export function memberOf(value: JsonValue, key: string): JsonValue | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (isList(value)) return /^(?:0|[1-9][0-9]{0,8})$/.test(key) ? value[Number(key)] : undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The keys of all members of a list or an object; of anything else, none. */
export function* keysOf(value: JsonValue): Generator<string> {
  if (value === null || typeof value !== 'object') return;
  if (isList(value)) for (let i = 0; i < value.length; i++) yield String(i);
  else yield* Object.keys(value);
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The keys that a JSON pointer (RFC 6901) goes through. */
export function parsePointer(pointer: string): string[] {
  const [, ...keys] = pointer.split('/');
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON pointer through these keys. */
export function formatPointer(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
