import { defineConfig } from 'rolldown';

// The commands are CommonJS, split and minified, with their dependencies inside: on Node 20 that
// starts fastest (an ES module entry costs some 6 ms, unbundled dependencies 30 to 270 ms).
// The library is plain ES modules and leaves the dependencies to whoever installs it.
export default defineConfig([
  {
    input: {
      main: 'src/cli/main.ts',
      'object-worker': 'src/git/object-worker.ts',
    },
    platform: 'node',
    // yargs asks it for a feature that we do not use.
    transform: { define: { 'import.meta.resolve': 'undefined' } },
    output: {
      dir: 'dist/cli',
      format: 'cjs',
      minify: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      cleanDir: true,
      // What every command needs is one file: each file more costs a millisecond.
      codeSplitting: {
        groups: [
          {
            name: 'base',
            test: /src\/cli\/(main|run|spec|handler|exit-codes|output|progress|prompt|report-error|version)\.ts|src\/cli\/(specs\/|commands\/table|parse\/(locate|spell-out|values|read-quickly))|src\/core\/(errors|byte-string)|yargs-parser/,
          },
        ],
      },
    },
  },
  {
    input: 'src/index.ts',
    platform: 'node',
    external: [/^[^./]/],
    output: { dir: 'dist/lib', format: 'esm', cleanDir: true },
  },
]);
