import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ByteString } from '../../src/core/byte-string.ts';
import type { Entry } from '../../src/core/entry.ts';
import { comparePaths, DIRECTORY, fileType, SYMLINK } from '../../src/core/entry.ts';
import type { GateResult, GateSubject } from '../../src/core/gates/port.ts';
import type { Oid } from '../../src/core/oid.ts';
import { Gate } from '../../src/core/policy/gate-schema.ts';
import { createGateRunner } from '../../src/gates/run-gate.ts';
import { builtScript } from '../support/worker-file.ts';

// Gates do not look at it.
const OID = '0'.repeat(40) as Oid;

export const sha256 = (bytes: ByteString) => createHash('sha256').update(bytes, 'latin1').digest('hex');

/** What is at a path: the bytes of a file, or something else. */
export type Content = ByteString | { readonly link: ByteString } | 'empty directory';

export const EMPTY_DIRECTORY = 'empty directory';

export interface Subject extends GateSubject {
  /** Paths that were read. */
  readonly reads: string[];
  /** Checkouts that were made, and not removed. */
  readonly checkouts: Set<string>;
}

/** A snapshot with this content, which is checked out into a temporary directory when a gate asks for it. */
export function subjectOf(
  files: Readonly<Record<string, Content>>,
  {
    labels = [],
    checks = [],
    rehearsals = [],
    maxRehearsalAge = '30d',
  }: Partial<Pick<GateSubject, 'labels' | 'checks' | 'rehearsals' | 'maxRehearsalAge'>> = {},
): Subject {
  const bytesOf = (content: Content) =>
    content === EMPTY_DIRECTORY ? '' : typeof content === 'string' ? content : content.link;
  const modeOf = (content: Content) =>
    content === EMPTY_DIRECTORY ? DIRECTORY : typeof content === 'string' ? 0o100644 : SYMLINK;
  const entries = Object.entries(files)
    .map(([path, content]): Entry => {
      const bytes = bytesOf(content);
      return { path, mode: modeOf(content), oid: OID, sha256: sha256(bytes), size: bytes.length };
    })
    .toSorted(comparePaths);
  const reads: string[] = [];
  const checkouts = new Set<string>();
  const contentAt = (path: string) => {
    if (!Object.hasOwn(files, path)) throw new Error(`there is no '${path}'`);
    return bytesOf(files[path] ?? '');
  };
  return {
    set: 'artifacts',
    manifest: sha256(entries.map(({ path, mode, sha256 }) => `${mode} ${sha256} ${path}\n`).join('')),
    labels,
    entries,
    checks,
    rehearsals,
    maxRehearsalAge,
    reads,
    checkouts,
    read: async (path, maxBytes) => {
      reads.push(path);
      const bytes = contentAt(path);
      if (bytes.length > maxBytes) throw new Error(`'${path}' is too large`);
      return bytes;
    },
    checkOut: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'git-snapshot-gate-'));
      checkouts.add(directory);
      for (const { path, mode } of entries) {
        const at = join(directory, path);
        await mkdir(dirname(at), { recursive: true });
        if (fileType(mode) === DIRECTORY) await mkdir(at);
        else if (fileType(mode) === SYMLINK) await symlink(contentAt(path), at);
        else {
          await writeFile(at, contentAt(path), 'latin1');
          await chmod(at, 0o444);
        }
      }
      const remove = async () => {
        await rm(directory, { recursive: true, force: true, maxRetries: 5 });
        checkouts.delete(directory);
      };
      return { directory, remove };
    },
  };
}

/** The worker of json-schema gates, built once a test process. */
export function schemaWorkerFile(): Promise<string> {
  return builtScript(join(import.meta.dirname, '../../src/gates/json-schema/schema-worker.ts'));
}

/** Runs a gate as a policy has it: what the policy would refuse is an error of the test. */
export async function runGate(
  gate: unknown,
  subject: GateSubject,
  {
    schemas = {},
    env = { PATH: process.env['PATH'] },
  }: { schemas?: Readonly<Record<string, unknown>>; env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<GateResult> {
  const runner = createGateRunner({
    env,
    nowMs: () => performance.now(),
    sha256,
    schemaWorkerFile: await schemaWorkerFile(),
  });
  const texts = Object.entries(schemas).map(
    ([name, schema]) => [name, typeof schema === 'string' ? schema : JSON.stringify(schema)] as const,
  );
  return runner.run({ name: 'a-gate', gate: Gate.parse(gate) }, subject, new Map(texts));
}

/** The violations as text: `path pointer: message`. */
export function told({ violations }: GateResult): string[] {
  return violations.map(({ path, pointer, message }) =>
    `${path ?? ''}${pointer === undefined ? '' : `#${pointer}`}: ${message}`.replace(/^: /, ''),
  );
}
