// Builds the program that mints snapshots in bulk, which is made of the parts that `create` is made of, and runs it.
// Arguments: a repository that has just been made, and how many.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const directory = mkdtempSync(join(tmpdir(), 'git-snapshot-mint-'));
try {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('./minting/main.ts', import.meta.url)),
    platform: 'node',
    logLevel: 'silent',
  });
  const file = join(directory, 'mint.mjs');
  await bundle.write({
    dir: directory,
    format: 'esm',
    entryFileNames: 'mint.mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await import(pathToFileURL(file).href);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
