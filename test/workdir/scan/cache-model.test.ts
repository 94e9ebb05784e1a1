import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DIRECTORY, fileType } from '../../../src/core/entry.ts';
import { SHA1 } from '../../../src/core/oid.ts';
import type { CachedEntry, ScannedEntry } from '../../../src/core/workdir.ts';
import { cleanTreesOf, ingest, makeSet, readContent, type ScannedSet, treeOf } from '../../support/scanned-set.ts';

// Few names, so that operations meet. `a-` and `a.txt` sort on either side of `a/`.
const NAMES = ['a', 'a-', 'a.txt', 'b', 'skip.tmp', '.snapshotignore'];
const name = fc.constantFrom(...NAMES);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const text = fc.constantFrom('', 'one', 'two', 'longer', '*.tmp\n', 'a/\n', '!b\nb\n');
const seconds = fc.constantFrom(0, 1_000_000_000, 1_700_000_000, 4_000_000_000);

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('write' as const), path, text }) },
  fc.record({ op: fc.constant('append' as const), path, text }),
  fc.record({ op: fc.constant('truncate' as const), path }),
  { weight: 5, arbitrary: fc.record({ op: fc.constant('rewrite' as const), pick: fc.nat(), keepTime: fc.boolean() }) },
  fc.record({ op: fc.constant('touch' as const), path, seconds }),
  fc.record({ op: fc.constant('rename' as const), path, to: path }),
  { weight: 2, arbitrary: fc.record({ op: fc.constant('delete' as const), path }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('mkdir' as const), path }) },
  fc.record({ op: fc.constant('chmod' as const), path, mode: fc.constantFrom(0o600, 0o644, 0o755) }),
  fc.record({ op: fc.constant('link' as const), path, to: fc.constantFrom('a', 'b', 'nothing', '/outside') }),
  fc.record({ op: fc.constant('replace' as const), path }),
  { weight: 3, arbitrary: fc.record({ op: fc.constant('scan' as const), full: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('snapshot' as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const EXPECTED = new Set(['ENOENT', 'EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EINVAL', 'ELOOP']);

/** One of the files that are there, since a path taken at random is seldom that of one; undefined if there is none. */
function pickFile(root: string, pick: number): string | undefined {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort();
  return files[pick % files.length];
}

/** What a person or a program might do; what cannot be done there and then is left undone. */
function perform(root: string, step: Exclude<Operation, { op: 'scan' | 'snapshot' }>): void {
  const at = step.op === 'rewrite' ? pickFile(root, step.pick) : join(root, step.path);
  if (at === undefined) return;
  try {
    switch (step.op) {
      case 'write':
        writeFileSync(at, step.text);
        break;
      case 'append':
        appendFileSync(at, step.text);
        break;
      case 'truncate':
        truncateSync(at, 1);
        break;
      case 'rewrite': {
        // Other content of the same length in the same inode, and as a tool that keeps times does, with the old mtime.
        const before = lstatSync(at);
        writeFileSync(
          at,
          readFileSync(at).map((byte) => byte ^ 1),
        );
        if (step.keepTime) utimesSync(at, before.atime, before.mtime);
        break;
      }
      case 'touch':
        lutimesSync(at, step.seconds, step.seconds);
        break;
      case 'rename':
        renameSync(at, join(root, step.to));
        break;
      case 'delete':
        rmSync(at, { recursive: true, force: true });
        break;
      case 'mkdir':
        mkdirSync(at, { recursive: true });
        break;
      case 'chmod':
        if (lstatSync(at).isFile()) chmodSync(at, step.mode);
        break;
      case 'link':
        symlinkSync(step.to, at);
        break;
      case 'replace': {
        const isDirectory = lstatSync(at).isDirectory();
        rmSync(at, { recursive: true });
        if (isDirectory) writeFileSync(at, 'was a directory');
        else {
          mkdirSync(at);
          writeFileSync(join(at, 'b'), 'in a directory');
        }
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && EXPECTED.has(String(error.code)))) throw error;
  }
}

/** Of an empty directory nobody needs the stat, and an unchanged one may have that of before names came and went. */
const bare = ({ path: p, mode, stat }: ScannedEntry) => ({
  path: p,
  mode,
  ...(fileType(mode) !== DIRECTORY && {
    size: stat.size,
    mtimeNsec: stat.mtimeNsec,
    ino: stat.ino,
    ctimeSec: stat.ctimeSec,
    ctimeNsec: stat.ctimeNsec,
    nlink: stat.nlink,
  }),
});
const content = ({ path: p, mode, oid, sha256, size }: CachedEntry) => ({ path: p, mode, oid, sha256, size });
const sortByPath = (list: readonly { path: string }[]) => [...list].sort((x, y) => (x.path < y.path ? -1 : 1));

async function compareScans(set: ScannedSet, saved: readonly unknown[] | undefined): Promise<void> {
  const quick = await set.reopen().scan({ baselineAlive: () => true, full: false, unfit: 'leave-alone' });
  const cached = await set.scanAll();
  const afresh = await set.scanAfresh();
  expect(cached.entries.map(bare)).toEqual(afresh.entries.map(bare));
  expect(sortByPath(cached.excluded)).toEqual(sortByPath(afresh.excluded));
  for (const { unfit } of [quick, cached]) expect(sortByPath(unfit)).toEqual(sortByPath(afresh.unfit));
  for (const entry of cached.entries) {
    if (entry.known === undefined) continue;
    const { bytes } = readContent(set.root, entry.path, entry.mode);
    expect([entry.path, entry.known.sha256, entry.known.size]).toEqual([
      entry.path,
      createHash('sha256').update(bytes).digest('hex'),
      bytes.length,
    ]);
  }
  const now = afresh.entries.map((entry) => ingest(set.root, entry, SHA1));
  for (const [directory, tree] of cleanTreesOf(cached, now))
    expect([directory, tree]).toEqual([directory, treeOf(directory, now, SHA1)]);
  if (quick.outcome === 'unchanged') expect(now.map(content)).toEqual(saved);
}

/** Waits until what was written is in the past for git too, which compares whole seconds. */
async function nextSecond(): Promise<void> {
  await new Promise((done) => setTimeout(done, 1130 - (Date.now() % 1000)));
}

async function run(steps: readonly Operation[], wait: boolean): Promise<void> {
  const set = makeSet({ exclude: ['skip.*'], unfit: 'leave-alone' });
  let saved: unknown[] | undefined;
  let waited = false;
  for (const step of steps) {
    if (step.op === 'scan') await compareScans(set, saved);
    else if (step.op === 'snapshot') {
      if (wait && !waited) await nextSecond();
      waited = true;
      saved = (await set.snapshot()).map(content);
    } else perform(set.root, step);
  }
  await compareScans(set, saved);
  rmSync(set.root, { recursive: true });
}

it('finds with the cache what it finds without, in whatever clock tick things happen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 30 }), (steps) => run(steps, false)),
    { numRuns: Number(process.env['RUNS'] ?? 60) },
  );
});

it('finds with a cache that vouches for most files what it finds without', async () => {
  const steps = fc.tuple(
    fc.array(operation, { minLength: 5, maxLength: 20 }),
    fc.array(operation, { minLength: 1, maxLength: 15 }),
  );
  const all = fc.sample(steps, Number(process.env['RUNS'] ?? 40));
  // Beside one another: each waits for the clock.
  for (let i = 0; i < all.length; i += 20) {
    await Promise.all(
      all.slice(i, i + 20).map(([before, after]) => run([...before, { op: 'snapshot' }, ...after], true)),
    );
  }
});
