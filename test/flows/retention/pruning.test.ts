import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { look } from '../../support/governed-repo.ts';
import {
  changePolicy,
  collectGarbage,
  DAY,
  expectSound,
  findings,
  has,
  keeping,
  listed,
  type Plan,
  refsBelow,
  takeNumber,
} from './keeping.ts';

const ids = (snapshots: readonly { id: string }[]) => snapshots.map(({ id }) => id);
const TRASH = 'refs/trash/artifacts/';

describe('prune', () => {
  test('tells what would be removed, and changes nothing', async () => {
    const { repo, taken, day } = await keeping(4);
    const [a, b, c, d] = ids(taken) as [string, string, string, string];
    const refs = repo.git('for-each-ref');
    const now = day(4);
    const plan = await now.json<Plan>('snapshot', 'prune');
    expect(plan).toEqual({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      keep: [
        { id: d, reasons: ['directory', 'last'] },
        { id: c, reasons: ['last'] },
      ],
      remove: [
        { id: b, reason: expect.stringContaining('last') },
        { id: a, reason: expect.stringContaining('last') },
      ],
      drop: [],
      freedBytes: expect.any(Number),
    });
    expect(plan.freedBytes).toBeGreaterThan(0);
    expect(await now.json('snapshot', 'prune')).toEqual(plan);
    expect(await now.json('snapshot', 'prune', '--explain', a)).toMatchObject({
      digest: plan.digest,
      explain: { id: a, kept: false, reason: plan.remove[1]?.reason },
    });
    expect(await now.json('snapshot', 'prune', '--explain', c)).toMatchObject({
      explain: { id: c, kept: true, reasons: [{ reason: 'last', goes: 'with the next snapshot' }] },
    });
    for (const name of ['latest~1', `artifacts/${c}`, c.slice(0, 12)])
      expect(await now.json('snapshot', 'prune', '--explain', name), name).toMatchObject({ explain: { id: c } });
    const lines = await now.ok('snapshot', 'prune');
    expect(lines).toContain(`plan ${plan.digest}`);
    expect(lines).toMatch(new RegExp(`${a} .*remove`));
    expect(repo.git('for-each-ref')).toBe(refs);
    // The bytes are those that git finds.
    const [first, second] = taken.map(({ tag }) => tag) as [string, string];
    const others = repo.git('for-each-ref', '--format=^%(objectname)').split('\n');
    const kept = others.filter((line) => line !== `^${first}` && line !== `^${second}`);
    const sum = repo.git('rev-list', '--objects', '--disk-usage', first, second, ...kept);
    expect(plan.freedBytes).toBe(Number(sum));
  });

  test('moves to the trash what the rules do not keep, from where it comes back bit for bit', async () => {
    const { repo, taken, day } = await keeping(4);
    const [a, b, c, d] = ids(taken) as [string, string, string, string];
    const now = day(5);
    const { digest } = await now.json<Plan>('snapshot', 'prune');
    // In the form of "list".
    const minute = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`;
    const row = new RegExp(`^${a}  ${minute}  remove  not kept by last since ${minute}$`, 'm');
    expect(await now.ok('snapshot', 'prune')).toMatch(row);
    expect(await now.json('snapshot', 'prune', '--apply', '--yes')).toMatchObject({
      digest,
      outcome: 'pruned',
      remove: [{ id: b }, { id: a }],
    });
    expect(refsBelow(repo, TRASH)).toEqual([a, b]);
    expect(await listed(now)).toEqual([c, d]);
    for (const words of [
      ['show', a],
      ['verify', a],
      ['restore', a],
      ['hold', a, '--case', 'x', '-m', 'x'],
    ])
      expect((await now.run(['snapshot', ...words])).code, words.join(' ')).toBe(4);
    expect(repo.git('notes', '--ref=snapshots', 'show', taken[0]?.tag ?? '')).toMatch(
      new RegExp(`prune: artifacts/${a}: not kept by last since`),
    );
    await expectSound(now);
    const [event] = await now.json<{ event: { removed: unknown[] } }[]>('snapshot', 'log', '--type', 'prune');
    expect(event?.event.removed).toContainEqual({
      id: a,
      tag: taken[0]?.tag,
      payload: taken[0]?.payload,
      tree: taken[0]?.tree,
      manifest: taken[0]?.manifest,
      rule: expect.stringMatching(/^not kept by last/),
    });
    expect(await now.json('snapshot', 'prune', '--apply', '--yes')).toMatchObject({ outcome: 'nothing-to-do' });

    collectGarbage(repo);
    await expectSound(now, 'after gc');
    expect(await now.json('snapshot', 'trash')).toEqual(
      [b, a].map((id) => ({
        set: 'artifacts',
        snapshot: id,
        removedAt: expect.any(String),
        rule: expect.stringContaining('last'),
        endsAt: expect.any(String),
        over: false,
      })),
    );
    // Ambiguous, not there, and all or nothing of it.
    expect((await now.run(['snapshot', 'undelete', a.slice(0, 4)])).code).toBe(2);
    expect((await now.run(['snapshot', 'undelete', 'nothing'])).code).toBe(4);
    expect((await now.run(['snapshot', 'undelete', ''])).code).toBe(4);
    expect((await now.run(['snapshot', 'undelete', a, 'nothing'])).code).toBe(4);
    expect((await now.run(['snapshot', 'undelete', c])).code).toBe(4);
    expect(refsBelow(repo, TRASH)).toEqual([a, b]);
    const back = ['snapshot', 'undelete', a.slice(0, -3), `artifacts/${b}`, a, '-m', 'needed again'];
    const { stderr } = await now.expect(0, back);
    for (const id of [a, b]) {
      expect(stderr).toContain(`removes artifacts/${id} again. To keep it: git snapshot hold artifacts/${id} --case `);
    }
    expect(refsBelow(repo, TRASH)).toEqual([]);
    expect(await listed(now)).toEqual([a, b, c, d]);
    await expectSound(now, 'after undelete');
    await now.ok('rollback', '--yes', a);
    expect(readFileSync(join(repo.root, 'own'), 'utf8')).toBe('number 0\n');
    await expectSound(now, 'after the rollback');
  });

  test('drops what was long enough in the trash, and git gets rid of the objects', async () => {
    const { repo, taken, day } = await keeping(3, { retention: { keepLast: 1, grace: '2d' } });
    const [a, b, c] = taken as [(typeof taken)[0] & {}, (typeof taken)[0] & {}, (typeof taken)[0] & {}];
    await day(3).ok('snapshot', 'prune', '--apply', '--yes');
    const early = await day(5 - 1 / 86_400).json<Plan>('snapshot', 'prune');
    expect(early.drop).toEqual([]);
    const late = await day(5).json<Plan>('snapshot', 'prune');
    expect(late).toMatchObject({ remove: [], drop: [a.id, b.id] });
    expect(late.freedBytes).toBeGreaterThan(0);
    expect(await day(5).json('snapshot', 'trash')).toMatchObject([{ over: true }, { over: true }]);
    expect(await day(5).json('snapshot', 'prune', '--apply', '--plan', late.digest)).toMatchObject({
      outcome: 'pruned',
      drop: [a.id, b.id],
    });
    expect(refsBelow(repo, TRASH)).toEqual([]);
    await expectSound(day(5));
    expect(has(repo, a.tag)).toBe(true);
    collectGarbage(repo);
    for (const oid of [a.tag, b.tag, a.tree]) expect(has(repo, oid)).toBe(false);
    expect(has(repo, c.tree)).toBe(true);
    await expectSound(day(5), 'after gc');
    expect((await day(5).run(['snapshot', 'undelete', a.id])).code).toBe(4);
    expect(repo.git('notes', '--ref=snapshots', 'show', a.tag)).toContain('dropped from the trash');
  });

  test('does what was looked at, or nothing', async () => {
    const { repo, day } = await keeping(4);
    const now = day(4);
    const { digest } = await now.json<Plan>('snapshot', 'prune');
    await takeNumber(day(4.5), 9);
    const before = repo.git('for-each-ref');
    for (const plan of [digest, digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'))]) {
      const run = await day(5).run(['snapshot', 'prune', '--apply', '--plan', plan]);
      expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('Nothing was removed')]);
    }
    const many = await day(5).run(['snapshot', 'prune', '--apply', '--yes', '--max-remove', '2']);
    expect([many.code, many.stderr]).toEqual([3, expect.stringContaining('--max-remove 3')]);
    // Nobody to ask.
    expect((await day(5).run(['snapshot', 'prune', '--apply'])).code).not.toBe(0);
    for (const words of [
      ['--plan', digest],
      ['--apply', '--plan', 'nonsense'],
      ['--now', '2026-01-01'],
      ['--apply', '--keep-last', '1'],
    ])
      expect((await day(5).run(['snapshot', 'prune', ...words])).code).toBe(2);
    expect(repo.git('for-each-ref')).toBe(before);
    await day(5).ok('snapshot', 'prune', '--apply', '--yes', '--max-remove', '3');
    await expectSound(day(5));
  });

  test('of other rules it tells what they would do, and of none, or of all going, nothing', async () => {
    const { repo, taken, day } = await keeping(4);
    const now = day(4);
    expect((await now.json<Plan>('snapshot', 'prune', '--keep-last', '1')).remove).toHaveLength(3);
    expect((await now.json<Plan>('snapshot', 'prune', '--keep-daily', 'unlimited')).remove).toEqual([]);
    expect((await now.run(['snapshot', 'prune', '--keep-last', '0'])).code).toBe(3);
    const before = repo.git('for-each-ref');
    // What the directory is stays in any case: without it, nothing would.
    const [a] = ids(taken) as [string];
    expect((await now.json<Plan>('snapshot', 'prune', '--keep-label', 'keep=yes')).keep).toHaveLength(1);
    const bare = repo.at(now.nowMs ?? 0);
    repo.git('config', 'core.bare', 'true');
    try {
      const all = await bare.run(['snapshot', 'prune', '--keep-label', 'keep=yes'], { cwd: join(repo.dir, '.git') });
      expect([all.code, all.stderr]).toEqual([3, expect.stringContaining("nothing would be left of 'artifacts'")]);
    } finally {
      repo.git('config', 'core.bare', 'false');
    }
    await changePolicy(now, { retention: { keepLabels: [['keep=yes']] } });
    await takeNumber(day(5), 7, '-l', 'keep=yes');
    const plan = await day(6).json<Plan>('snapshot', 'prune');
    expect(plan.keep).toEqual([{ id: expect.any(String), reasons: ['directory', 'label keep=yes'] }]);
    expect(plan.remove).toHaveLength(4);
    expect(plan.remove.map(({ id }) => id)).toContain(a);
    expect(repo.git('for-each-ref')).not.toBe(before);
  });

  test('believes no log of the future, not even of its own writing', async () => {
    const { repo, day } = await keeping(4);
    const before = repo.git('for-each-ref');
    const { code, stderr } = await day(1.5).run(['snapshot', 'prune', '--apply', '--yes']);
    expect([code, stderr]).toEqual([6, expect.stringContaining('in the future')]);
    expect(repo.git('for-each-ref')).toBe(before);
    await day(4).ok('snapshot', 'prune');
  });

  test('is for pruners', async () => {
    const { repo, day } = await keeping(3);
    const { policy } = await repo.json<{ policy: { roles: Record<string, unknown> } }>('snapshot', 'policy', 'show');
    const { pruner: _, ...roles } = policy.roles;
    await changePolicy(day(3), { roles });
    const before = repo.git('for-each-ref');
    expect((await day(3).json<Plan>('snapshot', 'prune')).remove).toHaveLength(1);
    const [first] = await listed(repo);
    for (const words of [
      ['prune', '--apply', '--yes'],
      ['hold', 'latest', '--case', 'x', '-m', 'x'],
      ['erase', first ?? '', '--yes', '-m', 'x'],
    ]) {
      const run = await day(3).run(['snapshot', ...words]);
      expect([run.code, run.stderr]).toEqual([6, expect.stringContaining("'pruner'")]);
    }
    expect(repo.git('for-each-ref')).toBe(before);
  });
});

describe('taking a snapshot', () => {
  test('prunes where it is asked to, or the policy says so', async () => {
    const { repo, day } = await keeping(3);
    expect(await listed(repo)).toHaveLength(3);
    await takeNumber(day(3), 3);
    expect(await listed(repo)).toHaveLength(4);
    await takeNumber(day(4), 4, '--auto');
    expect(await listed(repo)).toHaveLength(2);
    expect(refsBelow(repo, TRASH)).toHaveLength(3);
    await changePolicy(day(4), { retention: { keepLast: 1, pruneOnCreate: true } });
    const last = await takeNumber(day(5), 5);
    expect(await listed(repo)).toEqual([last.id]);
    await expectSound(day(5));
  });

  test('takes it even where nothing may be pruned', async () => {
    const { repo, day } = await keeping(3, { retention: { keepLast: 1, maxRemove: 1, pruneOnCreate: true } });
    // Each of them pruned the one before it.
    expect(refsBelow(repo, TRASH)).toHaveLength(2);
    await day(3).ok('snapshot', 'undelete', ...refsBelow(repo, TRASH));
    const run = await day(3).expect(0, ['snapshot', 'create', '--force', '--auto']);
    expect(run.stderr).toContain('nothing was pruned: 3 snapshots would be removed, more than 1');
    expect(await listed(repo)).toHaveLength(4);
    await expectSound(day(3));
  });
});

describe.each([
  ['SHA-256', ['--object-format=sha256']],
  ['reflogs of all refs', []],
])('in a repository with %s', (name, git) => {
  test('all of it works', async () => {
    const { repo, taken, day } = await keeping(3, { retention: { keepLast: 1, grace: '1d' } }, { git });
    if (name !== 'SHA-256') repo.git('config', 'core.logAllRefUpdates', 'always');
    const [a, b] = taken.map(({ id }) => id) as [string, string];
    await day(3).ok('snapshot', 'prune', '--apply', '--yes');
    await day(3).ok('snapshot', 'undelete', a);
    await day(3).ok('snapshot', 'hold', a, '--case', 'x', '-m', 'evidence');
    await expectSound(day(3));
    await day(4).ok('snapshot', 'prune', '--apply', '--yes');
    await day(4).ok('snapshot', 'release', '-m', 'over');
    expect(refsBelow(repo, TRASH)).toEqual([]);
    expect(await listed(repo)).toHaveLength(2);
    await expectSound(day(4));
    const erased = await day(4).json('snapshot', 'erase', a, '--yes', '-m', 'gone');
    expect(erased).toMatchObject({ outcome: 'erased', report: { left: [] } });
    expect(has(repo, taken[0]?.tag ?? '')).toBe(false);
    expect(has(repo, b)).toBe(false);
    await expectSound(day(4));
  });
});

test('a bare repository is pruned, too', async () => {
  const { repo, taken, day } = await keeping(3);
  repo.git('clone', '-q', '--bare', '.', 'bare.git');
  repo.git('--git-dir=bare.git', 'fetch', '-q', '.', '+refs/*:refs/*');
  const { root } = await repo.json<{ root: { found: string } }>('snapshot', 'trust');
  const at = { cwd: join(repo.dir, 'bare.git'), nowMs: (repo.nowMs ?? 0) + 3 * DAY };
  await repo.run(['snapshot', 'trust', 'pin', root.found], at);
  const plan = await repo.expect(0, ['snapshot', 'prune', '--json'], at);
  expect(JSON.parse(plan.stdout)).toMatchObject({ remove: [{ id: taken[0]?.id }] });
  await repo.expect(0, ['snapshot', 'prune', '--apply', '--yes'], at);
  expect(repo.git('--git-dir=bare.git', 'for-each-ref', '--format=%(refname)', 'refs/trash')).toBe(
    `${TRASH}${taken[0]?.id}`,
  );
  await repo.expect(0, ['snapshot', 'undelete', taken[0]?.id ?? ''], at);
  await repo.expect(0, ['snapshot', 'log', '--verify'], at);
  await expectSound(day(3));
});

test('in a linked worktree, what its directory is stays', async () => {
  const { repo, taken, day } = await keeping(3, { retention: { keepLast: 1 } });
  repo.git('commit', '-q', '--allow-empty', '-m', 'base');
  repo.git('worktree', 'add', '-q', 'linked');
  const linked = { cwd: join(repo.dir, 'linked'), nowMs: (repo.nowMs ?? 0) + 3 * DAY };
  const [a] = taken;
  await repo.expect(0, ['snapshot', 'restore', a?.id ?? '', '--yes', '-m', 'x'], linked).catch(() => undefined);
  await repo.expect(0, ['snapshot', 'prune', '--apply', '--yes'], linked);
  await repo.expect(0, ['snapshot', 'log', '--verify'], linked);
  await expectSound(day(3));
  expect(look(repo.root)).toHaveLength(4);
  expect(await findings(day(3))).toBe('');
});
