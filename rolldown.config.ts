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
    output: {
      dir: 'dist/cli',
      format: 'cjs',
      minify: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      cleanDir: true,
    },
  },
  {
    input: 'src/index.ts',
    platform: 'node',
    external: [/^[^./]/],
    output: { dir: 'dist/lib', format: 'esm', cleanDir: true },
  },
]);
