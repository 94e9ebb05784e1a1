import { quoteText } from '../core/byte-string.ts';
import type { BytePath, Entry } from '../core/entry.ts';
import { FILE, fileType } from '../core/entry.ts';
import { compileGlob } from '../core/gates/glob.ts';
import { count, Findings } from './findings.ts';
import type { GateAnswer, GateRun } from './gate-run.ts';
import { digestsOf, pickJsonFiles, readJson } from './json/json-files.ts';
import { formatPointer, type JsonValue, keysOf, memberOf, parsePointer } from './json/json-pointer.ts';
import { entriesByPath, readPath } from './set-paths.ts';

/** Whether every target in routing tables is a file of the set or, with stars in it, matches one. */
export async function runRoutingGate({ gate, subject, checkTime }: GateRun<'routing'>): Promise<GateAnswer> {
  const findings = new Findings();
  const byPath = entriesByPath(subject.entries);
  const tables = pickJsonFiles(subject, gate.files, findings);
  let targets = 0;
  for (const { path } of tables) {
    checkTime();
    const table = await readJson(subject, path, findings);
    if (table === undefined) continue;
    for (const pointer of gate.targets) {
      const before = targets;
      for (const [keys, target] of findTargets(table, parsePointer(pointer))) {
        checkTime();
        targets += 1;
        const fault = targetFault(target, { base: gate.base, entries: subject.entries, byPath, checkTime });
        if (fault !== undefined) findings.add(fault, { path, pointer: formatPointer(keys) });
      }
      // A pointer with a slip of the pen in it would else let everything pass.
      if (targets === before) findings.add('there is no such target', { path, pointer });
    }
  }
  const looked = `${count(targets, 'target')} in ${count(tables.length, 'file')}`;
  return { findings, looked, inputs: { files: digestsOf(tables) } };
}

/** The values at a pointer in which `*` stands for every member, with the keys that lead to each: one by one, since a table can have millions. */
function* findTargets(
  value: JsonValue,
  [key, ...rest]: readonly string[],
  above: readonly string[] = [],
): Generator<readonly [keys: readonly string[], target: JsonValue]> {
  if (key === undefined) yield [above, value];
  for (const own of key === '*' ? keysOf(value) : key === undefined ? [] : [key]) {
    const member = memberOf(value, own);
    if (member !== undefined) yield* findTargets(member, rest, [...above, own]);
  }
}

interface TargetChecks {
  readonly base: string | undefined;
  readonly entries: readonly Entry[];
  readonly byPath: ReadonlyMap<BytePath, Entry>;
  readonly checkTime: () => void;
}

function targetFault(target: JsonValue, { base, entries, byPath, checkTime }: TargetChecks): string | undefined {
  if (typeof target !== 'string') return 'is not a text';
  const { path, fault } = readPath(target, base);
  if (path === undefined) return fault;
  const entry = byPath.get(path);
  if (entry !== undefined) {
    return fileType(entry.mode) === FILE ? undefined : `${quoteText(target)} is not a regular file`;
  }
  if (!path.includes('*')) return `${quoteText(target)} is not there`;
  const matches = compileGlob(path);
  const isMatch = ({ path, mode }: Entry) => {
    checkTime();
    return fileType(mode) === FILE && matches(path);
  };
  return entries.some(isMatch) ? undefined : `no file matches ${quoteText(target)}`;
}
