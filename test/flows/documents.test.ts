import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import { type GovernedRepo, governedRepo } from '../support/governed-repo.ts';

// What each command prints under --json, from real runs: all that is documented, and nothing beside it.

const ODD = Buffer.from('caf\xe9 \n.txt', 'latin1');

async function document(repo: GovernedRepo, name: keyof typeof DOCUMENTS, code: number, words: string[]) {
  const { stdout, stderr } = await repo.expect(code, [...words, '--json']);
  // Chatter, if any: the document is alone on standard output.
  expect(stderr, words.join(' ')).toMatch(/^(To take it back: git rollback --undo\n|warning: nothing changed, .*\n)?$/);
  const value: unknown = JSON.parse(stdout);
  const parsed = DOCUMENTS[name].safeParse(value);
  expect(parsed.error?.issues, `${words.join(' ')}: ${stdout}`).toBeUndefined();
  return value;
}

it('prints the documents that it promises', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a.txt'), 'one\n');
  writeFileSync(Buffer.concat([Buffer.from(`${repo.root}/`), ODD]), 'odd\n');
  symlinkSync('a.txt', join(repo.root, 'link'));

  const S = {
    set: 'artifacts',
    id: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{12}$/),
    ref: expect.stringMatching(/^refs\/snapshots\/artifacts\//),
    tag: expect.stringMatching(/^[0-9a-f]{40}$/),
    tree: expect.stringMatching(/^[0-9a-f]{40}$/),
    payload: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    manifest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    files: 3,
    bytes: 13,
    takenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    message: 'first',
    labels: { build: '4711', branch: 'main' },
  };
  const words = ['snapshot', 'create', '-m', 'first', '-l', 'build=4711', '-l', 'branch=main'];
  const dry = await document(repo, 'create', 0, [...words, '--dry-run']);
  expect(dry).toMatchObject({ created: false, snapshot: null, files: 3 });
  const created = await document(repo, 'create', 0, words);
  expect(created).toMatchObject({ created: true, snapshot: S });
  expect(await document(repo, 'create', 0, words)).toMatchObject({ created: false, snapshot: S });
  const { snapshot } = created as { snapshot: { id: string } };

  expect(await document(repo, 'list', 0, ['snapshot', 'list'])).toEqual([snapshot]);
  expect(await document(repo, 'show', 0, ['snapshot', 'show'])).toEqual({
    ...snapshot,
    kinds: [
      { kind: 'document', files: 2, bytes: 8 },
      { kind: 'link', files: 1, bytes: 5 },
    ],
    changes: null,
  });
  expect(await document(repo, 'status', 0, ['snapshot', 'status'])).toMatchObject({
    set: 'artifacts',
    snapshot,
    clean: true,
    changes: [],
    rollbackInProgress: false,
  });
  const verified = (await document(repo, 'verify', 0, ['snapshot', 'verify'])) as {
    results: { checks: { check: string }[] }[];
  };
  expect(verified).toMatchObject({ ok: true, results: [{ set: 'artifacts', id: snapshot.id, ok: true }] });
  const checks = ['ref', 'format', 'repository', 'policy', 'set', 'signature', 'log', 'tree', 'content', 'manifest'];
  expect(verified.results[0]?.checks.map(({ check }) => check)).toEqual(checks);
  const { entries } = (await document(repo, 'manifest', 0, ['snapshot', 'manifest'])) as { entries: unknown[] };
  expect(entries).toContainEqual(
    expect.objectContaining({ path: 'caf\ufffd \n.txt', pathEncoded: 'caf%E9%20%0A.txt', size: 4 }),
  );

  writeFileSync(join(repo.root, 'a.txt'), 'two\n');
  rmSync(Buffer.concat([Buffer.from(`${repo.root}/`), ODD]));
  rmSync(join(repo.root, 'link'));
  mkdirSync(join(repo.root, 'link'));
  writeFileSync(join(repo.root, 'new'), 'new\n');
  const changes = [
    { status: 'M', path: 'a.txt' },
    { status: 'D', path: 'caf\ufffd \n.txt', pathEncoded: 'caf%E9%20%0A.txt' },
    { status: 'T', path: 'link' },
    { status: 'A', path: 'new' },
  ];
  expect(await document(repo, 'diff', 0, ['snapshot', 'diff'])).toMatchObject({ from: snapshot.id, to: null, changes });
  expect(await document(repo, 'status', 1, ['snapshot', 'status'])).toMatchObject({ snapshot, clean: false, changes });

  const planned = await document(repo, 'rollback', 0, ['rollback', '--dry-run']);
  expect(planned).toMatchObject({
    outcome: 'planned',
    backup: null,
    changes: { created: 2, replaced: 1, deleted: 2, modes: 0 },
  });
  const applied = await document(repo, 'rollback', 0, ['rollback', '--yes', '-m', 'why']);
  expect(applied).toMatchObject({
    outcome: 'applied',
    from: expect.stringMatching(/Z-/),
    to: snapshot.id,
    backup: expect.stringMatching(/Z-/),
    changes: { created: 2, replaced: 1, deleted: 2, modes: 0 },
    durationMs: expect.any(Number),
  });
  expect(await document(repo, 'rollback', 0, ['rollback', '--yes'])).toMatchObject({
    outcome: 'nothing-to-do',
    to: snapshot.id,
  });
  const { backup } = applied as { backup: string };
  expect(await document(repo, 'diff', 0, ['snapshot', 'diff', snapshot.id, backup])).toMatchObject({
    from: snapshot.id,
    to: backup,
    changes,
  });
  expect(await document(repo, 'rollback', 0, ['snapshot', 'restore', backup, '--yes'])).toMatchObject({
    outcome: 'applied',
    to: backup,
  });
  expect(await document(repo, 'log', 0, ['snapshot', 'log'])).toMatchObject([
    { seq: 5, type: 'rollback', snapshot: backup, event: { action: 'restore', outcome: 'applied' } },
    { seq: 4, type: 'rollback', snapshot: snapshot.id, event: { action: 'rollback', reason: 'why' } },
    { seq: 3, type: 'snapshot', snapshot: backup },
    { seq: 2, type: 'snapshot', snapshot: snapshot.id },
    { seq: 1, type: 'policy' },
  ]);
});
