import { displayBytes, quoteText, utf8Encode } from '../core/byte-string.ts';
import type { BytePath, Entry } from '../core/entry.ts';
import { DIRECTORY, FILE, fileType } from '../core/entry.ts';
import { compileGlob } from '../core/gates/glob.ts';
import { count, Findings } from './findings.ts';
import type { GateAnswer, GateRun } from './gate-run.ts';
import { canBeRead, digestsOf, readJson } from './json/json-files.ts';
import { formatPointer, isList, type JsonValue, memberOf, parsePointer } from './json/json-pointer.ts';
import { entriesByPath, isBelow, readPath } from './set-paths.ts';

/**
 * Whether an index lists exactly the files that are there: each once, none missing, none too many, with digests and
 * sizes that are right.
 */
export async function runIndexGate({ gate, subject, checkTime }: GateRun<'index'>): Promise<GateAnswer> {
  const findings = new Findings();
  const byPath = entriesByPath(subject.entries);
  const file = utf8Encode(gate.file);
  const index = byPath.get(file);
  const inputs = { files: index === undefined ? {} : digestsOf([index]) };
  const answer = (looked: string): GateAnswer => ({ findings, looked, inputs });
  if (index === undefined) findings.add(`there is no index '${displayBytes(file)}'`);
  if (index === undefined || !canBeRead(index, findings)) return answer('');

  const document = await readJson(subject, file, findings);
  if (document === undefined) return answer('');
  const place = parsePointer(gate.list ?? '');
  const list = place.reduce<JsonValue | undefined>(
    (value, key) => (value === undefined ? undefined : memberOf(value, key)),
    document,
  );
  if (list === undefined || !isList(list)) {
    findings.add(list === undefined ? 'has no such member' : 'is not a list', { path: file, pointer: gate.list ?? '' });
    return answer('');
  }

  const listed = new Set<BytePath>();
  for (const [i, item] of list.entries()) {
    checkTime();
    for (const [key, message] of itemFaults(item, { gate, byPath, listed })) {
      const keys = key === undefined ? [...place, i] : [...place, i, key];
      findings.add(message, { path: file, pointer: formatPointer(keys) });
    }
  }
  const ignores = (gate.ignore ?? []).map((glob) => compileGlob(utf8Encode(glob)));
  let files = 0;
  for (const { path, mode } of subject.entries) {
    checkTime();
    if (path === file || fileType(mode) === DIRECTORY || !isBelow(path, gate.base)) continue;
    files += 1;
    if (listed.has(path) || ignores.some((ignores) => ignores(path))) continue;
    const kind = fileType(mode) === FILE ? '' : ', which is a symbolic link';
    findings.add(`does not list '${displayBytes(path)}'${kind}`, { path: file, pointer: gate.list ?? '' });
  }
  return answer(`${count(list.length, 'file')} listed, ${count(files, 'file')} there`);
}

interface ItemChecks {
  readonly gate: GateRun<'index'>['gate'];
  readonly byPath: ReadonlyMap<BytePath, Entry>;
  /** Grows: the paths that were listed so far. */
  readonly listed: Set<BytePath>;
}

/** What is wrong with an item, or with its member of that name. */
type ItemFault = readonly [key: string | undefined, message: string];

function itemFaults(item: JsonValue, { gate, byPath, listed }: ItemChecks): readonly ItemFault[] {
  const key = gate.path ?? 'path';
  const name = memberOf(item, key);
  if (typeof name !== 'string') return [[undefined, `has no text '${key}'`]];
  const { path, fault } = readPath(name, gate.base);
  if (path === undefined) return [[key, fault]];
  const twice: ItemFault[] = listed.has(path) ? [[key, `${quoteText(name)} is listed twice`]] : [];
  listed.add(path);
  const entry = byPath.get(path);
  if (entry === undefined || fileType(entry.mode) === DIRECTORY)
    return [...twice, [key, `${quoteText(name)} is not there`]];
  if (fileType(entry.mode) !== FILE) return [...twice, [key, `${quoteText(name)} is not a regular file`]];
  return [...twice, ...digestFaults(item, gate.digest ?? 'sha256', entry), ...sizeFaults(item, gate.size, entry)];
}

const SHA256 = /^(?:sha256:)?([0-9a-f]{64})$/i;

function digestFaults(item: JsonValue, key: string, { sha256 }: Entry): readonly ItemFault[] {
  const written = memberOf(item, key);
  const digest = typeof written === 'string' ? SHA256.exec(written)?.[1]?.toLowerCase() : undefined;
  if (digest === undefined) return [[written === undefined ? undefined : key, `has no SHA-256 '${key}'`]];
  return digest === sha256 ? [] : [[key, `the SHA-256 of the file is ${sha256}`]];
}

function sizeFaults(item: JsonValue, key: string | false = 'size', { size }: Entry): readonly ItemFault[] {
  if (key === false) return [];
  const written = memberOf(item, key);
  if (typeof written !== 'number') return [[written === undefined ? undefined : key, `has no size '${key}'`]];
  return written === size ? [] : [[key, `the size of the file is ${size} bytes`]];
}
