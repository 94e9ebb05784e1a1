import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const built = new Map<string, Promise<string>>();
let directory: string | undefined;

/** The worker script, built once a test process: a thread cannot load TypeScript. */
export function workerFile(): Promise<string> {
  return builtScript(join(import.meta.dirname, '../../src/git/object-worker.ts'));
}

/** A TypeScript program as one file that plain node runs, built once a test process. */
export function builtScript(input: string): Promise<string> {
  const script = built.get(input) ?? build(input, `script-${built.size}.cjs`);
  built.set(input, script);
  return script;
}

async function build(input: string, name: string): Promise<string> {
  const file = join(outputDirectory(), name);
  const bundle = await rolldown({ input, platform: 'node', external: ['simple-git'] });
  try {
    await bundle.write({ file, format: 'cjs', codeSplitting: false });
  } finally {
    await bundle.close();
  }
  return file;
}

function outputDirectory(): string {
  if (directory !== undefined) return directory;
  const made = mkdtempSync(join(tmpdir(), 'git-snapshot-scripts-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  directory = made;
  return made;
}
