import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { type OutputChunk, type RolldownOptions, rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import configurations from '../../rolldown.config.ts';
import type * as Entry from '../../src/verify.ts';
import { type GovernedRepo, governedRepo } from '../support/governed-repo.ts';
import { MemoryFiles } from './memory-files.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What browsers have, and node too. Nothing else of node's is there: no process, no Buffer, no require. */
const WEB = [
  ...[
    'AbortController',
    'Blob',
    'DOMException',
    'Event',
    'EventTarget',
    'ReadableStream',
    'Response',
    'TransformStream',
  ],
  ...['TextDecoder', 'TextEncoder', 'URL', 'WritableStream', 'atob', 'btoa', 'clearTimeout', 'crypto', 'navigator'],
  ...['queueMicrotask', 'setTimeout', 'structuredClone'],
];
/** The language's own: of one realm, as in a page. */
const OF_THE_LANGUAGE = ['ArrayBuffer', 'DataView', 'Date', 'Error', 'Map', 'Promise', 'Set', 'Uint8Array'];

let chunks: OutputChunk[];

/** Builds the entry as it is published, but in one piece and as a plain script. */
beforeAll(async () => {
  const settings = (configurations as RolldownOptions[]).find(({ input }) => input === 'src/verify.ts');
  if (settings === undefined) throw new Error('there is no such entry');
  const { output, ...options } = settings;
  const bundle = await rolldown({ ...options, cwd: ROOT });
  const built = await bundle.generate({ format: 'iife', name: 'entry', codeSplitting: false });
  await bundle.close();
  chunks = built.output.filter((part) => part.type === 'chunk');
});

function load(): typeof Entry {
  const globals = Object.fromEntries([...WEB, ...OF_THE_LANGUAGE].map((name) => [name, Reflect.get(globalThis, name)]));
  const context = createContext({ ...globals });
  runInContext('globalThis.self = globalThis; globalThis.window = globalThis;', context);
  for (const { code } of chunks) runInContext(code, context);
  return runInContext('entry', context) as typeof Entry;
}

describe('the bundle for browsers', () => {
  it('imports nothing: no module of node, and no package that is not in it', () => {
    expect(chunks).toHaveLength(1);
    const imports = chunks.flatMap(({ imports: now, dynamicImports }) => [...now, ...dynamicImports]);
    // What is imported later is in the same piece.
    expect(imports.filter((name) => name !== chunks[0]?.fileName)).toEqual([]);
    const code = chunks.map((chunk) => chunk.code).join('');
    const named = [...code.matchAll(/\b(?:require|import|from)\s*\(?\s*["'`]([^"'`]+)["'`]/g)].map(([, name]) => name);
    expect(named.filter((name = '') => name.startsWith('node:') || builtinModules.includes(name))).toEqual([]);
  });

  it('holds none of the code that needs node', () => {
    const modules = chunks.flatMap(({ moduleIds }) => moduleIds).map((id) => id.slice(ROOT.length + 1));
    const ours = modules.filter((id) => id.startsWith('src/'));
    expect(ours).toContain('src/flows/verify/verify-snapshots.ts');
    expect(ours.filter((id) => !/^src\/(?:core|flows|portable)\/|^src\/verify\.ts$/.test(id))).toEqual([]);
    expect(modules.filter((id) => id.startsWith('node_modules/openpgp/'))).toEqual([
      'node_modules/openpgp/dist/openpgp.min.mjs',
    ]);
  });
});

/** A repository with two snapshots, its objects in one pack where `packed`. */
async function repositoryWithSnapshots(packed: boolean): Promise<GovernedRepo & { gitDir: string; trustRoot: string }> {
  const repo = await governedRepo();
  for (const round of [1, 2]) {
    mkdirSync(join(repo.root, 'models'), { recursive: true });
    for (let i = 0; i < 20; i++)
      writeFileSync(join(repo.root, 'models', `${i}`), `model ${i} ${i % 5 === 0 ? round : ''}\n`);
    await repo.take('-m', `round ${round}`);
  }
  if (packed) {
    repo.git('pack-refs', '--all');
    repo.git('repack', '-adq');
  }
  const policy = repo.git('cat-file', 'blob', 'refs/snapshot-policy/current:policy.json');
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const exact = [policy, `${policy}\n`].map((text) => `sha256:${digest(text)}`);
  const size = Number(repo.git('cat-file', '-s', 'refs/snapshot-policy/current:policy.json'));
  const [withoutEnd = '', withEnd = ''] = exact;
  const trustRoot = size === Buffer.byteLength(policy) ? withoutEnd : withEnd;
  return { ...repo, gitDir: join(repo.dir, '.git'), trustRoot };
}

describe('in a page without node,', () => {
  it.each([false, true])('a repository is verified as git snapshot verifies it (packed: %s)', async (packed) => {
    const { gitDir, trustRoot, ...repo } = await repositoryWithSnapshots(packed);
    const memory = MemoryFiles.copyOf(gitDir);
    const { openVerifier } = load();
    const verifier = await openVerifier({ fs: memory.at('/repo/.git'), dir: '/repo', trustRoot });
    const result = await verifier.verify({ all: true });
    expect(result.results).toHaveLength(2);
    expect(result.results.flatMap(({ checks }) => checks.filter(({ ok }) => !ok))).toEqual([]);
    expect(result.ok).toBe(true);

    const { results } = await repo.json<{ results: { id: string; checks: object[] }[] }>('snapshot', 'verify', '--all');
    expect(JSON.parse(JSON.stringify(result.results))).toEqual(
      results.map((each) => expect.objectContaining({ id: each.id, checks: each.checks })),
    );
    const packs = [...memory.reads].filter(([path]) => path.endsWith('.pack'));
    if (packed) expect(packs.map(([, times]) => times)).toEqual([1]);

    const quick = await verifier.verify({ snapshots: ['latest'], quick: true });
    expect(quick).toMatchObject({ ok: true, results: [{ id: result.results[1]?.id }] });
  });

  it('what was tampered with is told', async () => {
    const { gitDir, trustRoot, git } = await repositoryWithSnapshots(false);
    const { openVerifier } = load();
    const blob = git(
      'rev-parse',
      `${git('for-each-ref', '--format=%(refname)', 'refs/snapshots/').split('\n')[1]}:models/3`,
    );
    const at = `/objects/${blob.slice(0, 2)}/${blob.slice(2)}`;
    const verify = async (change: (memory: MemoryFiles) => void) => {
      const memory = MemoryFiles.copyOf(gitDir);
      change(memory);
      return (await openVerifier({ fs: memory.at('/r'), gitdir: '/r', trustRoot })).verify({ all: true });
    };
    const failed = ({ results }: Awaited<ReturnType<typeof verify>>) =>
      results.flatMap(({ checks }) => checks.filter(({ ok }) => !ok).map(({ check }) => check));
    expect(failed(await verify(() => undefined))).toEqual([]);
    expect(failed(await verify(({ files }) => files.delete(at)))).toContain('content');
    expect(failed(await verify(({ files }) => files.set(at, new Uint8Array(40))))).toContain('content');
    const ref = `/refs/snapshots/artifacts/${'20990101T000000Z-000000000000'}`;
    expect(failed(await verify(({ files }) => files.set(ref, new TextEncoder().encode(`${blob}\n`))))).toContain(
      'format',
    );
  });

  it('another trust root is refused', async () => {
    const { gitDir } = await repositoryWithSnapshots(false);
    const { openVerifier } = load();
    const open = (trustRoot: string) =>
      openVerifier({ fs: MemoryFiles.copyOf(gitDir).at('/r'), gitdir: '/r', trustRoot });
    await expect(open('sha256:abc')).rejects.toMatchObject({ kind: 'config' });
    const verifier = await open(`sha256:${'0'.repeat(64)}`);
    await expect(verifier.verify({ all: true })).rejects.toMatchObject({ kind: 'untrusted' });
  });
});
