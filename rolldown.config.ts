import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';

// Modules that `list` loads, nearly all of which every command does. Wrong here means slower, not broken: each file more
// costs a millisecond, and so do ten kilobytes that are not needed.
const BASE = new RegExp(
  `/(?:src/(?:${[
    'cli/(?:main|run|spec|handler|exit-codes|wire|watch-output|version|tell/report-error)',
    'cli/(?:commands/(?:table|list)|specs/(?:global|pages|reading)|terminal/[a-z-]+)',
    'cli/parse/(?:locate|read-quickly|spell-out|text-values|values)',
    'cli/(?:json/snapshot|render/(?:quantities|table|text-width|times)|wire/(?:context|events|lazily|trust))',
    'core/(?:byte-string|entry|errors|json-object|oid|once|paths|refs|git/person)',
    'core/snapshot/(?:label|manifest|message|modes|signed-tag|snapshot-tag|trailer-reader)',
    'flows/(?:context|inspect/list-snapshots|snapshot/read-snapshots)',
    'git/(?:digest|git-store|listing-cache|open-repository|plain-repository|run-git|files/(?:file-error|fs-path))',
    'git/objects/(?:cat-file|cat-file-parser|describe-objects|object-name|queue|read-objects)',
    'git/refs/(?:list-chain|list-refs|read-ref-files)',
  ].join('|')})\\.ts|node_modules/yargs-parser/.*\\.js)$`,
);

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
      codeSplitting: { groups: [{ name: 'base', test: BASE }] },
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
