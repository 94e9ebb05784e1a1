import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuzzRuns } from '../core/arbitraries.ts';
import { fsck, type GovernedRepo, governedRepo, look } from '../support/governed-repo.ts';

// Any directory, wrecked in any way, comes back bit for bit, and so does the wreck. `find` and `sha256sum` judge.

type Content = { kind: 'file'; content: Buffer; mode: number } | { kind: 'link'; target: string } | { kind: 'empty' };
interface Placed {
  readonly path: readonly string[];
  readonly what: Content;
}

// Byte strings: not UTF-8, both forms of an e with an accent, what shells, git and sha256sum have to quote.
const PIECES = [
  'a',
  'B',
  '0',
  ' ',
  '.',
  '-',
  '"',
  "'",
  '\\',
  '\n',
  '\r',
  '\t',
  '\xff',
  '\xe9',
  '\xc3\xa9',
  'e\xcc\x81',
  '%',
  '*',
  '[',
  '!',
  '#',
  '$',
];
const name = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'a',
        'b',
        'dir',
        'dir2',
        'x.bin',
        'caf\xc3\xa9',
        'cafe\xcc\x81',
        '-rf',
        ':',
        '\xff\xfe',
      ),
    },
    {
      weight: 2,
      arbitrary: fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join('')),
    },
  )
  .filter((text) => text !== '.' && text !== '..');
const content = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 2, arbitrary: fc.constantFrom('', 'same\n', 'same\r\n', '$Id$\n').map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(3_000_000), fc.nat(255)).map(([size, fill]) => Buffer.alloc(size, fill)) },
);
const what: fc.Arbitrary<Content> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      content,
      mode: fc.oneof(fc.constantFrom(0o644, 0o755, 0o600), fc.integer({ min: 0o400, max: 0o777 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), target: name }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'empty' as const }) },
);
const tree = fc.array(fc.record({ path: fc.array(name, { minLength: 1, maxLength: 4 }), what }), { maxLength: 14 });

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** Puts something at a path, whatever is there or above it now. */
function place(root: string, { path, what: wanted }: Placed): void {
  for (let depth = 1; depth < path.length; depth++) {
    const above = bytes([root, ...path.slice(0, depth)].join('/'));
    const stat = lstatSync(above, { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory()) rmSync(above);
    mkdirSync(above, { recursive: true });
  }
  const at = bytes([root, ...path].join('/'));
  rmSync(at, { recursive: true, force: true });
  if (wanted.kind === 'empty') mkdirSync(at);
  else if (wanted.kind === 'link') symlinkSync(bytes(wanted.target), at);
  else {
    writeFileSync(at, wanted.content);
    chmodSync(at, wanted.mode);
  }
}

async function checkSums(repo: GovernedRepo, id: string): Promise<void> {
  const { stdoutBytes } = await repo.expect(0, ['snapshot', 'manifest', id, '--format', 'sha256sum']);
  if (stdoutBytes !== '')
    execFileSync('sha256sum', ['--check', '--strict', '--quiet'], { cwd: repo.root, input: bytes(stdoutBytes) });
}

it('puts back any directory after any damage, and the damage after that', async () => {
  const repo = await governedRepo();
  const damage = fc.record({ removed: fc.array(fc.nat(13), { maxLength: 4 }), added: tree, all: fc.boolean() });
  let runs = 0;
  const property = fc.asyncProperty(tree, damage, async (placed, { removed, added, all }) => {
    rmSync(repo.root, { recursive: true, force: true });
    mkdirSync(repo.root);
    for (const one of placed) place(repo.root, one);
    const wanted = look(repo.root);
    const { snapshot } = await repo.json<{ snapshot: { id: string } }>('snapshot', 'create');
    await checkSums(repo, snapshot.id);

    if (all) rmSync(repo.root, { recursive: true });
    mkdirSync(repo.root, { recursive: true });
    for (const i of removed)
      rmSync(bytes([repo.root, ...(placed[i]?.path ?? ['none'])].join('/')), { recursive: true, force: true });
    for (const one of added) place(repo.root, one);
    const wreck = look(repo.root);

    await repo.ok('rollback', '--yes', snapshot.id);
    expect(look(repo.root)).toEqual(wanted);
    await checkSums(repo, snapshot.id);
    await repo.ok('snapshot', 'status');
    if (wreck.join('\0') !== wanted.join('\0')) {
      await repo.ok('rollback', '--yes', '--undo');
      expect(look(repo.root)).toEqual(wreck);
    }
    runs++;
  });
  await fc.assert(property, {
    ...fuzzRuns(12),
    interruptAfterTimeLimit: 90_000,
    markInterruptAsFailure: false,
  });
  expect(runs).toBeGreaterThan(0);
  await repo.ok('snapshot', 'verify', '--all');
  expect(fsck(repo.dir)).toBe('');
});
