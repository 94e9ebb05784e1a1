import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { fsck, type GovernedRepo, governedRepo, look, runApart } from '../support/governed-repo.ts';

const MANY = 16;

function fill(repo: GovernedRepo, content: string, count = 40): void {
  mkdirSync(join(repo.root, 'many'), { recursive: true });
  for (let i = 0; i < count; i++) writeFileSync(join(repo.root, `many/${i}`), `${content} ${i}\n`.repeat(200));
}

async function expectConsistent(repo: GovernedRepo): Promise<{ seq: number; type: string }[]> {
  expect(await repo.json('snapshot', 'verify', '--all')).toMatchObject({ ok: true });
  const { stdout, stderr } = await repo.expect(0, ['snapshot', 'log', '--json']);
  expect(stderr).toBe('');
  const events = JSON.parse(stdout) as { seq: number; type: string }[];
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => events.length - i));
  expect(repo.git('rev-list', '--count', 'refs/notes/snapshots')).toBe(String(events.length));
  expect(fsck(repo.dir)).toBe('');
  return events;
}

it(`keeps all snapshots of ${MANY} processes that take one at once`, async () => {
  const repo = await governedRepo();
  fill(repo, 'same');
  const runs = await Promise.all(
    Array.from({ length: MANY }, (_, n) =>
      runApart(['snapshot', '--force', '-m', `number ${n}`, '-l', `n=${n}`, '--json'], { cwd: repo.dir }),
    ),
  );
  for (const run of runs) expect(run.code, run.stderr).toBe(0);
  const made = runs.map(({ stdout }) => (JSON.parse(stdout) as { snapshot: { id: string } }).snapshot.id);
  expect(new Set(made).size).toBe(MANY);
  const listed = await repo.json<
    { id: string; previous: string | null; payload: string; labels: Record<string, string> }[]
  >('snapshot', 'list');
  expect(listed.map(({ id }) => id).sort()).toEqual(made.sort());
  expect(new Set(listed.map(({ labels }) => labels['n'])).size).toBe(MANY);
  // Each knows the one before it.
  expect(listed.map(({ previous }) => previous)).toEqual([...listed.slice(1).map(({ payload }) => payload), null]);
  const events = await expectConsistent(repo);
  expect(events).toHaveLength(MANY + 1);
});

it('lets one of two rollbacks through, and tells the other', async () => {
  const repo = await governedRepo();
  fill(repo, 'old', 300);
  const wanted = look(repo.root);
  const { id } = await repo.take();
  let refused = 0;
  for (let round = 0; round < 3; round++) {
    fill(repo, `new ${round}`, 300);
    const runs = await Promise.all([1, 2].map(() => runApart(['rollback', '--yes', id, '--json'], { cwd: repo.dir })));
    const codes = runs.map(({ code }) => code).sort();
    // The second may also come when the first has gone.
    expect(
      [
        [0, 0],
        [0, 5],
        // Once the first has begun to replace files.
        [0, 9],
      ],
      runs.map(({ stderr }) => stderr).join(''),
    ).toContainEqual(codes);
    if (codes[1] !== 0) refused++;
    expect(look(repo.root)).toEqual(wanted);
  }
  expect(refused).toBeGreaterThan(0);
  await expectConsistent(repo);
});

it('takes no snapshot of a directory that is half way', async () => {
  const repo = await governedRepo();
  fill(repo, 'old', 300);
  const { manifest: old } = await repo.take();
  fill(repo, 'new', 300);
  const { manifest: now } = await repo.take();
  for (let round = 0; round < 3; round++) {
    const [rollback, ...creates] = await Promise.all([
      runApart(['rollback', '--yes', round % 2 === 0 ? 'latest~1' : 'latest'], { cwd: repo.dir }),
      ...[50, 150, 250, 350].map(async (delayMs) => {
        await sleep(delayMs);
        return runApart(['snapshot', '--json'], { cwd: repo.dir });
      }),
    ]);
    expect(rollback.code, rollback.stderr).toBe(0);
    for (const { code, stderr } of creates) expect([0, 5, 9], stderr).toContain(code);
  }
  const manifests = (await repo.json<{ manifest: string }[]>('snapshot', 'list')).map(({ manifest }) => manifest);
  expect(new Set(manifests)).toEqual(new Set([old, now]));
  await expectConsistent(repo);
});

it('loses nothing that another program writes meanwhile', async () => {
  const repo = await governedRepo();
  fill(repo, 'old', 100);
  writeFileSync(join(repo.root, 'busy'), 'old\n');
  const { id } = await repo.take();
  fill(repo, 'new', 100);

  // Appends a numbered line, many times a second, and says what it wrote last.
  const busy = join(repo.root, 'busy');
  const script = `
    const fs = require('node:fs');
    let n = 0;
    setInterval(() => { fs.appendFileSync(process.argv[1], ++n + '\\n'); fs.writeFileSync(process.argv[2], String(n)); }, 40);`;
  const count = join(repo.dir, 'count');
  const writer = spawn(process.execPath, ['-e', script, busy, count], { stdio: 'ignore' });
  onTestFinished(() => {
    writer.kill();
  });
  while (!existsSync(count)) await sleep(5);
  const outcomes: (number | null)[] = [];
  for (let round = 0; round < 6; round++)
    outcomes.push((await runApart(['rollback', '--yes', id], { cwd: repo.dir })).code);
  writer.kill();
  await new Promise((resolve) => writer.once('close', resolve));
  // 1: written to again after it was put back.
  for (const code of outcomes) expect([0, 1, 5]).toContain(code);

  // Every line is in the directory, in a snapshot, or among what was rescued.
  await repo.run(['snapshot', 'create']);
  const seen = new Set<string>();
  const add = (text: string) => {
    for (const line of text.split('\n')) seen.add(line);
  };
  add(readFileSync(busy, 'utf8'));
  const rescued = join(repo.dir, '.git/snapshot/rescued');
  if (existsSync(rescued))
    for (const entry of readdirSync(rescued, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) add(readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  for (const { ref } of await repo.json<{ ref: string }[]>('snapshot', 'list'))
    add(repo.git('cat-file', 'blob', `${ref}:busy`));
  const last = Number(readFileSync(count, 'utf8'));
  const lost = Array.from({ length: last }, (_, i) => String(i + 1)).filter((line) => !seen.has(line));
  expect(lost, `of ${last} lines; the rollbacks ended with ${outcomes.join(', ')}`).toEqual([]);
});
