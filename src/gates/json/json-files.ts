import { percentEncode, utf8Encode } from '../../core/byte-string.ts';
import type { BytePath, Entry } from '../../core/entry.ts';
import { DIRECTORY, FILE, fileType } from '../../core/entry.ts';
import { compileGlob } from '../../core/gates/glob.ts';
import type { GateSubject } from '../../core/gates/port.ts';
import type { Findings } from '../findings.ts';
import type { JsonValue } from './json-pointer.ts';
import { parseStrictJson } from './parse-strict.ts';

/** Larger JSON files are violations. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;

/**
 * The files that globs pick, sorted by path, each once. A glob that matches none is a violation, since a file that was
 * moved away would else have nothing asked of it; so is a symbolic link, and a file of more than {@link MAX_JSON_BYTES}.
 */
export function pickJsonFiles(subject: GateSubject, globs: readonly string[], findings: Findings): Entry[] {
  const matchers = globs.map((glob) => ({ glob, matches: compileGlob(utf8Encode(glob)), used: false }));
  const picked: Entry[] = [];
  for (const entry of subject.entries) {
    if (fileType(entry.mode) === DIRECTORY) continue;
    const by = matchers.filter(({ matches }) => matches(entry.path));
    if (by.length === 0) continue;
    if (canBeRead(entry, findings)) picked.push(entry);
    for (const matcher of by) matcher.used = true;
  }
  for (const { glob, used } of matchers) if (!used) findings.add(`no file matches '${glob}'`);
  return picked;
}

/** Whether an entry is a file and not too large; if not, that is a violation. */
export function canBeRead({ path, mode, size }: Entry, findings: Findings): boolean {
  if (fileType(mode) !== FILE) findings.add('is not a regular file', { path });
  else if (size > MAX_JSON_BYTES) findings.add(`has ${size} bytes, more than ${MAX_JSON_BYTES}`, { path });
  else return true;
  return false;
}

/** Reads a file that {@link canBeRead}. Not being strict JSON is a violation, and gives undefined. */
export async function readJson(
  subject: GateSubject,
  path: BytePath,
  findings: Findings,
): Promise<JsonValue | undefined> {
  const parsed = parseStrictJson(await subject.read(path, MAX_JSON_BYTES));
  if (parsed.fault === undefined) return parsed.value;
  findings.add(parsed.fault, { path, pointer: parsed.pointer });
  return undefined;
}

/** What was read, for the evidence: digests by percent-encoded path. */
export function digestsOf(entries: readonly Entry[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ path, sha256 }) => [percentEncode(path), sha256]));
}
