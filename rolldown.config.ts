import { fileURLToPath } from 'node:url';
import { defineConfig, type RolldownOptions } from 'rolldown';

// Files that hold what is loaded together anyway: each of these modules with all that it imports, but for what a file before it
// holds. Wrong here means slower, not broken: a file more costs a millisecond, and so do ten kilobytes that are not needed.
const TOGETHER = {
  // What every command needs; `list` needs no other.
  base: ['cli/main', 'cli/commands/list', 'cli/wire/summaries'],
  // What most others need besides, and a list where it finds something new.
  usual: [
    'cli/wire',
    'flows/snapshot/read-snapshots',
    'git/(?:ask-git|run-git)',
    'git/objects/(?:cat-file|read-objects|describe-objects)',
    'git/refs/(?:ask-for-refs|list-chain)',
    'cli/wire/trust',
    'cli/tell/report-error',
  ],
  // What judges whatever is signed: policy and log.
  judge: [
    'flows/policy/load-policy',
    'flows/policy/governed-set',
    'flows/log/open-log',
    'flows/log/sound-log',
    'flows/verify/judge-snapshot',
    'flows/snapshot/(?:choose-snapshot|live-changes|logged-current|read-set|removed-current)',
    'sign/(?:memory-key|trust-memory|trust-store)',
    'git/clone-name',
  ],
  directory: ['workdir/open-workdir', 'git/(?:index-scanner|ingest/ingest|pack/packed-blobs|workers/worker-pool)'],
  openpgp: ['core/openpgp/[a-z-]+', 'sign/openpgp/(?:node-arithmetic|load-openpgp)'],
  write: [
    'git/(?:refs/update-refs|objects/loose-objects|repository-config|head-state)',
    'flows/log/publish',
    'workdir/replace/(?:directory-replacer|process-identity)',
    'workdir/free-bytes',
  ],
};

const groups = Object.entries(TOGETHER).map(([name, modules], nth, { length }) => ({
  name,
  test: new RegExp(`/src/(?:${modules.join('|')})\\.ts$`),
  priority: length - nth,
}));

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

// What one script gives to others, a getter each, is a sixth of the script that every command reads first. No module of ours gives
// anything that changes, so that its value will do.
const plainExports = {
  name: 'plain-exports',
  generateBundle(_: unknown, bundle: Record<string, { name?: string; code?: string }>) {
    const getter =
      /Object\.defineProperty\(exports,"(\w+|\$\w*)",\{enumerable:!0,get:function\(\)\{return ([\w$]+)\}\}\)/g;
    for (const file of Object.values(bundle)) {
      if (file.name === 'base' && file.code !== undefined) file.code = file.code.replace(getter, 'exports.$1=$2');
    }
  },
};

/** One script, whole. */
const alone = (dir: string): RolldownOptions => ({
  platform: 'node',
  plugins: [onlyAscii],
  output: { dir, format: 'cjs', minify: true, entryFileNames: '[name].cjs', codeSplitting: false },
});

// The commands are CommonJS, split and minified, with their dependencies inside: on Node 20 that
// starts fastest (an ES module entry costs some 6 ms, unbundled dependencies 30 to 270 ms).
// The library is plain ES modules and leaves the dependencies to whoever installs it.
export default defineConfig([
  {
    input: 'src/cli/main.ts',
    platform: 'node',
    plugins: [onlyAscii, plainExports],
    // yargs asks it for a feature that we do not use.
    transform: { define: { 'import.meta.resolve': 'undefined' } },
    output: {
      dir: 'dist/cli',
      format: 'cjs',
      minify: true,
      entryFileNames: '[name].cjs',
      // The programs begin with it: what only passes its exports on would be one more file to find and to read.
      chunkFileNames: ({ name }) => (name === 'base' ? 'base.cjs' : '[name]-[hash].cjs'),
      minifyInternalExports: false,
      cleanDir: true,
      codeSplitting: { groups },
    },
  },
  // What loads them, and compiles them ahead.
  { input: 'src/start/start.ts', ...alone('dist/start') },
  { input: 'src/start/compile-ahead.ts', ...alone('dist/start') },
  // A thread that is to inflate files has no use for what commands need.
  { input: 'src/git/object-worker.ts', ...alone('dist/threads') },
  { input: 'src/gates/json-schema/schema-worker.ts', ...alone('dist/threads') },
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
