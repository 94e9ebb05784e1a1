// A program of its own over a store, for tests that need another process: `node <built> <worker file> <repository> <command> …`.
import { readdirSync } from 'node:fs';
import { RefConflictError, SnapshotError } from '../../src/core/errors.ts';
import type { GitStore } from '../../src/core/ports.ts';
import { openGitStore } from '../../src/git/git-store.ts';
import { openRepository } from '../../src/git/open-repository.ts';
import { processes } from '../../src/workdir/replace/process-identity.ts';

const [workerFile = '', repository = '', command = '', ...args] = process.argv.slice(2);

async function main(): Promise<void> {
  const store = openGitStore(await openRepository({ cwd: repository, env: process.env }), {
    workerFile,
    threads: 2,
    durability: async () => ({ fsync: false, coreFsync: null }),
    processes: async () => processes,
  });
  try {
    if (command === 'append') await append(store, args[0] ?? '', Number(args[1]));
    if (command === 'ingest') await ingest(store, args[0] ?? '');
    if (command === 'hang') await hang(store, args[0] ?? '');
  } finally {
    await store.close();
  }
  console.log(JSON.stringify({ maxRssKiB: process.resourceUsage().maxRSS }));
}

/** Appends `count` commits to a ref, each on top of whatever is there. */
async function append(store: GitStore, ref: string, count: number): Promise<void> {
  const [tree] = await store.writeObjects([{ type: 'tree', body: '' }]);
  for (let i = 0; i < count; ) {
    const from = await store.readRef(ref);
    const ident = 'A <a@example.org> 1700000000 +0000';
    const parent = from === null ? '' : `parent ${from}\n`;
    const body = `tree ${tree}\n${parent}author ${ident}\ncommitter ${ident}\n\n${process.pid} ${i}\n`;
    const [to = null] = await store.writeObjects([{ type: 'commit', body }]);
    try {
      await store.updateRefs([{ name: ref, from, to }], 'append');
      i++;
    } catch (error) {
      if (!(error instanceof RefConflictError)) throw error;
    }
  }
}

/** Takes in a directory, then reads all of it back. */
async function ingest(store: GitStore, root: string): Promise<void> {
  const into = await store.beginIngest(root, { store: true });
  try {
    const files = await into.addFiles(readdirSync(root).map((path) => ({ path })));
    await into.finish();
    const { faults } = await store.digestBlobs(files.map(({ oid }) => oid));
    if (faults.size > 0) throw new Error('faults');
  } finally {
    await into.abandon();
  }
}

/** Begins to take in a directory, and waits to be killed. */
async function hang(store: GitStore, root: string): Promise<void> {
  await (await store.beginIngest(root, { store: true })).addFiles(readdirSync(root).map((path) => ({ path })));
  console.log('hanging');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

main().catch((error: unknown) => {
  const known = error instanceof SnapshotError;
  console.error(known ? JSON.stringify({ kind: error.kind, message: error.message, hint: error.hint }) : error);
  process.exitCode = 1;
});
