import type { ByteString } from '../core/byte-string.ts';
import { MalformedError } from '../core/errors.ts';

/** All values of all keys, in order. Section and key in lower case, a subsection as it is written: `remote.Origin.url`. */
export type GitConfig = ReadonlyMap<string, readonly string[]>;

const SECTION = /^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/;
const VARIABLE = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*?))?\s*$/;
const NOTHING = /^\s*(?:[#;].*)?$/;

/**
 * Reads a configuration file of git: as much of it as tells what sort of repository this is. Included files are not read,
 * as git does not read them for that either.
 *
 * @param what - names the file in errors
 * @throws {MalformedError} for a line that git would not read
 */
export function parseGitConfig(text: ByteString, what: string): GitConfig {
  const config = new Map<string, string[]>();
  let section = '';
  // A backslash at the end of a line joins it with the next, unless it is itself escaped.
  const lines = text.replace(/(?<!\\)((?:\\\\)*)\\\r?\n/g, '$1').split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    const header = SECTION.exec(line);
    if (header !== null) section = sectionName(header);
    const rest = header === null ? line : line.slice(header[0].length);
    if (NOTHING.test(rest)) continue;
    const [, key, value = 'true'] = VARIABLE.exec(rest) ?? [];
    if (key === undefined || section === '') throw new MalformedError(what, `line ${i + 1} is not understood`);
    const name = `${section}.${key.toLowerCase()}`;
    config.set(name, [...(config.get(name) ?? []), plainValue(value)]);
  }
  return config;
}

/** Whether a value is one of git's words for yes. What is no boolean counts as yes: the caller refuses more, not less. */
export function isOn(value: string): boolean {
  return !/^(?:false|no|off|0|)$/i.test(value);
}

function sectionName([, name = '', subsection]: RegExpExecArray): string {
  return subsection === undefined ? name.toLowerCase() : `${name.toLowerCase()}.${subsection.replace(/\\(.)/g, '$1')}`;
}

function plainValue(value: string): string {
  const withoutComment = /^(?:[^"#;\\]|\\.|"(?:[^"\\]|\\.)*")*/.exec(value)?.[0] ?? '';
  return withoutComment.trim().replace(/\\(.)|"/g, '$1');
}
