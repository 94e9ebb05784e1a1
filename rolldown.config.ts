import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';

// Modules that are loaded by all commands, or by `list`. Wrong here means slower, not broken.
const BASE = [
  ...['main', 'run', 'spec', 'handler', 'exit-codes', 'wire', 'terminal/', 'specs/'].map((path) => `/src/cli/${path}`),
  ...['commands/table.', 'commands/list.', 'json/snapshot.', 'render/quantities.', 'render/table.', 'render/t'].map(
    (path) => `/src/cli/${path}`,
  ),
  ...['locate', 'spell-out', 'values', 'read-quickly', 'text-values'].map((name) => `/src/cli/parse/${name}.ts`),
  ...['byte-string', 'entry', 'errors', 'json-object', 'oid', 'once', 'paths', 'refs', 'git/person'].map(
    (name) => `/src/core/${name}.ts`,
  ),
  '/src/core/snapshot/',
  ...['inspect/list-snapshots', 'snapshot/read-snapshots', 'context'].map((name) => `/src/flows/${name}.ts`),
  ...['digest', 'git-store', 'listing-cache', 'open-repository', 'run-git', 'files/file-error', 'files/fs-path'].map(
    (name) => `/src/git/${name}.ts`,
  ),
  ...['cat-file', 'cat-file-parser', 'describe-objects', 'object-name', 'queue', 'read-objects'].map(
    (name) => `/src/git/objects/${name}.ts`,
  ),
  ...['list-chain', 'list-refs', 'read-ref-files'].map((name) => `/src/git/refs/${name}.ts`),
  '/node_modules/yargs-parser/',
];

// The package of that name, not node's module.
const BUFFER = fileURLToPath(import.meta.resolve('buffer/'));

// One character beyond Latin-1 makes a script twice as long in memory, and a third slower to compile. Wherever such a character
// can stand in minified code, its escape can too.
const onlyAscii = {
  name: 'only-ascii',
  generateBundle(_: unknown, bundle: Record<string, { type: string; code?: string }>) {
    const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    for (const file of Object.values(bundle)) {
      if (file.code !== undefined) file.code = file.code.replace(/[^\0-\x7f]/g, escaped);
    }
  },
};

// The commands are CommonJS, split and minified, with their dependencies inside: on Node 20 that
// starts fastest (an ES module entry costs some 6 ms, unbundled dependencies 30 to 270 ms).
// The library is plain ES modules and leaves the dependencies to whoever installs it.
export default defineConfig([
  {
    input: {
      main: 'src/cli/main.ts',
      'object-worker': 'src/git/object-worker.ts',
      'schema-worker': 'src/gates/json-schema/schema-worker.ts',
    },
    platform: 'node',
    plugins: [onlyAscii],
    // yargs asks it for a feature that we do not use.
    transform: { define: { 'import.meta.resolve': 'undefined' } },
    output: {
      dir: 'dist/cli',
      format: 'cjs',
      minify: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      cleanDir: true,
      // What every command needs is one file, and `list` needs no other: each file more costs a millisecond.
      codeSplitting: { groups: [{ name: 'base', test: (id) => BASE.some((part) => id.includes(part)) }] },
    },
  },
  {
    input: 'src/index.ts',
    platform: 'node',
    external: [/^[^./]/],
    output: { dir: 'dist/lib', format: 'esm', cleanDir: true },
  },
  {
    // Verification, for browsers too: complete, since isomorphic-git wants node's Buffer, which only a bundler can give it
    // without making it a global of the page.
    input: 'src/verify.ts',
    platform: 'browser',
    resolve: { alias: { buffer: BUFFER } },
    transform: { inject: { Buffer: [BUFFER, 'Buffer'] } },
    output: { dir: 'dist/verify', format: 'esm', minify: true, cleanDir: true },
  },
]);
