import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { type ByteString, escapeText } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { systemReason } from '../core/system-reason.ts';

/** A policy as people wrote it, with the files of keys and schemas beside it. Nothing of it is checked. */
export interface PolicyFileContent {
  readonly path: string;
  readonly document: unknown;
  readonly keyFiles: readonly { readonly path: string; readonly bytes: ByteString }[];
  /** By the file's name without `.json`. */
  readonly schemas: ReadonlyMap<string, ByteString>;
}

/** Where the policy is written, relative to the top level. */
export const POLICY_FILE = '.snapshots/policy.yaml';

/** Far above any policy that people write by hand. */
const MAX_BYTES = 1 << 20;

/**
 * Reads a policy in YAML 1.2 (or JSON, which is YAML), and beside it the files `keys/*.asc`, `keys/*.pub` and `schemas/*.json`.
 *
 * @throws {SnapshotError} of kind `not-found` or `config`, with the place of the first mistake
 */
export function readPolicyFile(path: string): PolicyFileContent {
  const text = readText(path);
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true, prettyErrors: true, stringKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    // What is wrong and at which line and column, then that line with a mark below.
    const [what, ...lines] = problem.message.split('\n').filter((line) => line !== '');
    const text = [`'${path}' is not YAML: ${what}`, ...lines.map((line) => `  ${line}`)].map(escapeText).join('\n');
    throw new SnapshotError('config', text, { cause: problem, hint: hintToMend(path) });
  }
  const directory = dirname(path);
  return {
    path,
    document: plainValue(document, path),
    keyFiles: readFiles(join(directory, 'keys'), /\.(?:asc|pub)$/),
    schemas: new Map(
      readFiles(join(directory, 'schemas'), /\.json$/).map((file) => [basename(file.path, '.json'), file.bytes]),
    ),
  };
}

/** A policy has no need of aliases, and a few of them can mean gigabytes. @throws {SnapshotError} of kind `config` for any */
function plainValue(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new SnapshotError('config', `'${path}' has aliases, which a policy may not`, {
      cause: error,
      hint: 'Write out what "*name" stands for, and leave "&name" away.',
    });
  }
}

function hintToMend(path: string): string {
  return `Nothing was changed. Mend '${path}', or write the policy in force to it: git snapshot policy show --yaml`;
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_BYTES)
      throw new SnapshotError('config', `'${path}' is too large to be a policy`, {
        hint: 'Name a file with a policy in YAML or JSON.',
      });
    return bytes.toString('utf8');
  } catch (error) {
    if (!isFileError(error)) throw error;
    if (error.code === 'ENOENT') {
      throw new SnapshotError('not-found', `there is no file '${path}'`, {
        cause: error,
        hint: 'Begin with the policy in force: mkdir -p .snapshots && git snapshot policy show --yaml > .snapshots/policy.yaml',
      });
    }
    throw new SnapshotError('config', `cannot read '${path}': ${systemReason(error.code)}`, {
      cause: error,
      hint: 'Name a file with a policy in YAML or JSON.',
    });
  }
}

function readFiles(directory: string, wanted: RegExp): { path: string; bytes: ByteString }[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (!isFileError(error) || error.code !== 'ENOENT') throw error;
    return [];
  }
  return names
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => ({ path: join(directory, name), bytes: readFileSync(join(directory, name)).toString('latin1') }));
}

function isFileError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
