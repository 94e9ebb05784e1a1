import { type ByteString, utf8Decode } from '../../core/byte-string.ts';
import { formatPointer, type JsonValue } from './json-pointer.ts';

/** Values nested deeper than this are refused, so that whatever walks over them can do so by calling itself. */
const MAX_JSON_DEPTH = 1000;

/** A document, or why it is none and, if there is a place in it, where. */
export type ParsedJson =
  | { readonly value: JsonValue; readonly fault?: undefined }
  | { readonly fault: string; readonly pointer?: string };

const BOM = '\ufeff';

/**
 * Parses JSON of which no two readers can think differently: UTF-8 without a byte order mark, no key twice in one
 * object, no number too large for a double, and no text with a lone surrogate.
 */
export function parseStrictJson(bytes: ByteString): ParsedJson {
  const text = utf8Decode(bytes);
  if (text === undefined) return { fault: 'is not UTF-8' };
  if (text.startsWith(BOM)) return { fault: 'begins with a byte order mark' };
  if (text.trim() === '') return { fault: 'is empty' };
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { fault: `is not JSON: ${error.message}` };
  }
  return findFault(text) ?? { value };
}

/** The list or object that a reader is in. */
interface Level {
  readonly isObject: boolean;
  /** Of an object, the keys so far. Made for the first: there can be millions of empty objects. */
  keys: Set<string> | undefined;
  /** The key, or index, of the member that is being read. */
  at: string | number;
  /** In an object, whether the next string is a key. */
  wantsKey: boolean;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/y;

/** What is wrong with text that `JSON.parse` has accepted. It keeps the last of two equal keys and says nothing. */
function findFault(text: string): { fault: string; pointer: string } | undefined {
  const levels: Level[] = [];
  let level: Level | undefined;
  const fault = (reason: string) => ({ fault: reason, pointer: formatPointer(levels.map(({ at }) => at)) });
  let i = 0;
  while (i < text.length) {
    const c = text[i] ?? '';
    if (c === '"') {
      const end = endOfString(text, i);
      const string = text.slice(i, end);
      // Only an escape can make a lone surrogate out of UTF-8.
      const value = string.includes('\\') ? String(JSON.parse(string)) : string.slice(1, -1);
      const key = level?.wantsKey ? level : undefined;
      if (key !== undefined) key.at = value.toWellFormed();
      if (!value.isWellFormed()) return fault('has text that is not well-formed Unicode');
      if (key !== undefined) {
        key.keys ??= new Set();
        if (key.keys.has(value)) return fault(`has the key ${JSON.stringify(value)} twice in one object`);
        key.keys.add(value);
        key.wantsKey = false;
      }
      i = end;
    } else if (c === '{' || c === '[') {
      if (levels.length === MAX_JSON_DEPTH) return { fault: `is nested more than ${MAX_JSON_DEPTH} deep`, pointer: '' };
      const isObject = c === '{';
      level = { isObject, keys: undefined, at: isObject ? '' : 0, wantsKey: isObject };
      levels.push(level);
      i += 1;
    } else if (c === '}' || c === ']') {
      levels.pop();
      level = levels.at(-1);
      i += 1;
    } else if (c === ',' && level !== undefined) {
      if (typeof level.at === 'number') level.at += 1;
      else level.wantsKey = true;
      i += 1;
    } else {
      NUMBER.lastIndex = i;
      const [number] = NUMBER.exec(text) ?? [];
      if (number !== undefined && !Number.isFinite(Number(number))) return fault('has a number that is too large');
      i += number?.length ?? 1;
    }
  }
  return undefined;
}

/** Where the string that begins at `start` ends, behind its quote. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
}
