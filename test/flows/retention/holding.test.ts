import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempGnupg } from '../../support/gnupg.ts';
import type { GovernedRepo } from '../../support/governed-repo.ts';
import { adaAndBen, FIRST } from '../../support/people.ts';
import { DAY, expectSound, findings, keeping, listed, type Plan, refsBelow, takeNumber } from './keeping.ts';

const reasonsOf = (plan: Plan) => Object.fromEntries(plan.keep.map(({ id, reasons }) => [id, reasons]));

describe('what environments need', () => {
  test('stays: live, what may be rolled back to, promoted of late, waiting, live at the horizon', async () => {
    const { taken, day } = await keeping(6, {
      retention: { keepLast: 1 },
      environments: {
        staging: { rollback: { approvals: 0, depth: 1 }, keepPromoted: '1d' },
        production: { keepPromoted: '2d', approvals: { count: 1, excludeAuthor: false, excludePromoter: false } },
      },
    });
    const [a, b, c, d, , f] = taken.map(({ id }) => id) as [string, string, string, string, string, string];
    await day(6).ok('snapshot', 'promote', a, 'staging', '--yes', '-m', 'x');
    await day(7).ok('snapshot', 'promote', b, 'staging', '--yes', '-m', 'x');
    await day(8).ok('snapshot', 'promote', c, 'staging', '--yes', '-m', 'x');
    await day(8).ok('snapshot', 'promote', d, 'production', '--yes', '-m', 'x');
    expect(reasonsOf(await day(8).json<Plan>('snapshot', 'prune'))).toEqual({
      [b]: ['rollback chain staging', 'live at horizon staging'],
      [c]: ['live staging', 'promoted staging'],
      [d]: ['pending production'],
      [f]: ['directory', 'last'],
    });
    const later = await day(20).json<Plan>('snapshot', 'prune');
    expect(reasonsOf(later)).toEqual({
      [b]: ['rollback chain staging'],
      [c]: ['live staging', 'live at horizon staging'],
      [d]: ['pending production'],
      [f]: ['directory', 'last'],
    });
    // By name or not: what is live is not erased.
    const refused = await day(20).run(['snapshot', 'erase', c, '--yes', '-m', 'x']);
    expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining('live in staging')]);
    await day(20).ok('snapshot', 'prune', '--apply', '--yes');
    await expectSound(day(20));
    // What is in the trash is promoted no more.
    expect((await day(20).run(['snapshot', 'promote', a, 'staging', '--yes', '-m', 'x'])).code).toBe(4);
    await day(20).ok('rollback', '--env', 'staging', '--yes', '-m', 'back');
    expect(reasonsOf(await day(20).json<Plan>('snapshot', 'prune'))[b]).toContain('live staging');
    await expectSound(day(20));
  });

  test('promotions of what is dropped go with it', async () => {
    const { repo, taken, day } = await keeping(4, {
      retention: { keepLast: 1, grace: '1d' },
      mirrorTags: true,
      environments: { staging: { rollback: { approvals: 0, depth: 1 }, keepPromoted: '1d' } },
    });
    const [a, b, c] = taken.map(({ id }) => id) as [string, string, string];
    for (const [i, id] of [a, b, c].entries())
      await day(4 + i).ok('snapshot', 'promote', id, 'staging', '--yes', '-m', 'x');
    await day(10).ok('snapshot', 'prune', '--apply', '--yes');
    expect(refsBelow(repo, 'refs/trash/artifacts/')).toEqual([a]);
    expect(refsBelow(repo, 'refs/promotions/artifacts/staging/')).toEqual(['1', '2', '3']);
    await day(12).ok('snapshot', 'prune', '--apply', '--yes');
    for (const prefix of ['refs/promotions/', 'refs/tags/promotions/'])
      expect(refsBelow(repo, `${prefix}artifacts/staging/`)).toEqual(['2', '3']);
    await expectSound(day(12));
    await day(12).ok('snapshot', 'promotions');
    await day(12).ok('snapshot', 'environments');
  });
});

test('what a rollback put aside stays, so that it can be undone', async () => {
  const { repo, taken, day } = await keeping(3, { retention: { keepLast: 1 } });
  const [a, , c] = taken.map(({ id }) => id) as [string, string, string];
  const undoable = async (now: GovernedRepo) => {
    const [last] = await now.json<{ event: { from: { id: string } } }[]>('snapshot', 'log', '--type', 'rollback');
    return last?.event.from.id ?? '';
  };
  await day(3).ok('rollback', '--yes', a);
  expect(await undoable(day(3))).toBe(c);
  const linked = { cwd: join(repo.dir, 'linked'), nowMs: day(4).nowMs };
  repo.git('commit', '-q', '--allow-empty', '-m', 'base');
  repo.git('worktree', 'add', '-q', 'linked');
  mkdirSync(join(repo.dir, 'linked/artifacts'));
  writeFileSync(join(repo.dir, 'linked/artifacts/own'), 'elsewhere\n');
  await repo.expect(0, ['snapshot', 'create', '-m', 'younger'], linked);
  expect(reasonsOf(await day(5).json<Plan>('snapshot', 'prune'))).toMatchObject({
    [a]: ['directory'],
    [c]: ['source of a backup'],
  });
  await day(5).ok('snapshot', 'prune', '--apply', '--yes');
  await day(6).ok('rollback', '--undo', '--yes');
  expect(readFileSync(join(repo.root, 'own'), 'utf8')).toBe('number 2\n');
  // Some paths only, and what is done meanwhile is nothing to the directory.
  await day(7).ok('rollback', '--yes', a, '--path', 'own');
  const backup = await undoable(day(7));
  await day(8).ok('snapshot', 'prune', '--apply', '--yes');
  await day(8).ok('snapshot', 'hold', 'latest', '--case', 'x', '-m', 'x');
  expect(await listed(repo)).toContain(backup);
  await day(9).ok('rollback', '--undo', '--yes');
  expect(readFileSync(join(repo.root, 'own'), 'utf8')).toBe('number 2\n');
  await expectSound(day(9));
});

describe('a hold', () => {
  test('keeps a snapshot, from whoever wants it gone, until it is released or has run out', async () => {
    const { repo, taken, day } = await keeping(4, { retention: { keepLast: 1 } });
    const [a, b, c] = taken.map(({ id }) => id) as [string, string, string];
    const until = new Date((repo.nowMs ?? 0) + 10 * DAY).toISOString().slice(0, 10);
    await day(4).ok('snapshot', 'hold', a, '--case', 'audit', '-m', 'Asked for');
    await day(4).ok('snapshot', 'hold', a, '--case', 'incident-7', '-m', 'Evidence', '--until', until);
    await day(4).ok('snapshot', 'hold', b, '--case', 'audit', '-m', 'Asked for', '--until', until);
    expect(await day(4).json('snapshot', 'holds')).toMatchObject([
      { snapshot: a, case: 'audit', until: null, over: false, reason: 'Asked for', by: 'ada-example' },
      { snapshot: a, case: 'incident-7', until: `${until}T00:00:00Z` },
      { snapshot: b, case: 'audit', until: `${until}T00:00:00Z` },
    ]);
    const plan = await day(5).json<Plan>('snapshot', 'prune');
    expect(reasonsOf(plan)).toMatchObject({ [a]: ['hold audit', 'hold incident-7'], [b]: ['hold audit'] });
    expect(plan.remove).toMatchObject([{ id: c }]);
    for (const [words, code, says] of [
      [['erase', a, '--yes', '-m', 'x'], 5, /which the hold 'audit' is on/],
      [['hold', a, '--case', 'audit', '-m', 'x'], 5, /there is a hold 'audit' on/],
      [
        ['hold', a, '--case', 'old', '-m', 'x', '--until', '2020-01-01'],
        2,
        /'2020-01-01' is not a time to come\nhint: Write a date such as /,
      ],
      [['hold', a, '--case', 'Not/A', '-m', 'x'], 2, /not a valid name/],
      [['hold', a, '--case', 'x'], 2, /./],
      [['hold', a, '-m', 'x'], 2, /--case/],
      [['release', '-m', 'x'], 2, /3 holds fit/],
      [['release', '--case', 'audit', '-m', 'x'], 2, /2 holds fit/],
      [['release', c, '-m', 'x'], 4, /no such hold/],
      [['release', a, '--case', 'other', '-m', 'x'], 4, /no such hold: 'other'/],
    ] as const) {
      const run = await day(5).run(['snapshot', ...words]);
      expect([run.code, run.stderr], words.join(' ')).toEqual([code, expect.stringMatching(says)]);
    }
    await expectSound(day(5));
    await day(5).ok('snapshot', 'release', a, '--case', 'audit', '-m', 'Closed');
    expect(refsBelow(repo, 'refs/holds/artifacts/')).toEqual([`${a}/incident-7`, `${b}/audit`]);
    expect(await day(11).json('snapshot', 'holds')).toEqual([]);
    expect(await day(11).json('snapshot', 'holds', '--all')).toMatchObject([{ over: true }, { over: true }]);
    await day(11).ok('snapshot', 'prune', '--apply', '--yes');
    expect(await listed(repo)).toHaveLength(1);
    await expectSound(day(11));
    // What has run out does not stop what comes after, and goes with its snapshot.
    await day(30).ok('snapshot', 'prune', '--apply', '--yes');
    expect(refsBelow(repo, 'refs/holds/')).toEqual([]);
    expect(await day(30).json('snapshot', 'holds', '--all')).toEqual([]);
    await expectSound(day(30));
  });

  test('is a tag that git verifies, and gpg', async () => {
    const { repo, taken, day } = await keeping(1);
    const id = taken[0]?.id ?? '';
    await day(1).ok('snapshot', 'hold', id, '--case', 'audit', '-m', 'Asked for by the auditors');
    const ref = `refs/holds/artifacts/${id}/audit`;
    const tag = repo.git('cat-file', 'tag', ref);
    expect(tag).toMatch(
      new RegExp(
        `^object ${taken[0]?.tag}\ntype tag\ntag holds/artifacts/${id}/audit\ntagger .*\n\nAsked for by the auditors\n`,
      ),
    );
    const { env, gpg } = tempGnupg();
    const key = await repo.ok('snapshot', 'key', 'export');
    gpg(['--import'], key);
    execFileSync('git', ['verify-tag', ref], { cwd: repo.dir, env: { ...process.env, ...env }, stdio: 'pipe' });
  });

  test('tells of a snapshot that was removed by hand, and of how to have it back', async () => {
    const { repo, taken, day } = await keeping(2);
    const { id, ref, tag } = taken[0] ?? { id: '', ref: '', tag: '' };
    await day(2).ok('snapshot', 'hold', id, '--case', 'audit', '-m', 'Asked for');
    repo.git('update-ref', '-d', ref);
    expect(await findings(day(2))).toMatch(new RegExp(`event \\d+ tells of '${ref}' at ${tag}, and its ref is gone`));
    repo.git('gc', '-q', '--prune=now');
    // The hold's tag keeps it.
    repo.git('update-ref', ref, `refs/holds/artifacts/${id}/audit^{}`.replace('^{}', ''));
    expect(await findings(day(2))).not.toBe('');
    repo.git('update-ref', ref, tag);
    await expectSound(day(2));
  });

  test('is released by somebody else, where the policy says so', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    await ada.write((policy) => {
      policy.holds = { releaseBy: 'another' };
    });
    await ada.ok('snapshot', 'policy', 'apply', '--yes');
    await takeNumber(ada, 1);
    await ada.ok('snapshot', 'hold', 'latest', '--case', 'audit', '-m', 'Asked for');
    const own = await ada.run(['snapshot', 'release', '-m', 'Never mind']);
    expect([own.code, own.stderr]).toEqual([5, expect.stringContaining('somebody else has to release it')]);
    ben.pull(ada);
    await ben.ok('snapshot', 'release', '-m', 'Closed');
    ada.pull(ben);
    expect(await ada.json('snapshot', 'holds', '--all')).toEqual([]);
    await expectSound(ada);
  });

  test('that was released by a key that is not believed any more is released again', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    const { id } = await takeNumber(ada, 1);
    await ada.ok('snapshot', 'hold', id, '--case', 'audit', '-m', 'Asked for');
    ben.pull(ada);
    await ben.ok('snapshot', 'release', '-m', 'Closed');
    ada.pull(ben);
    const [{ event }] = (await ada.json<{ event: { seq: number } }[]>('snapshot', 'log', '--type', 'release')) as [
      { event: { seq: number } },
    ];
    await ada.write((policy) => {
      policy.people['ben'] = { name: 'Ben', keys: [] };
      for (const role of Object.keys(policy.roles)) policy.roles[role] = [FIRST];
      policy.revoked = { [ben.key]: { reason: 'compromised', since: event.seq } };
    });
    await ada.ok('snapshot', 'policy', 'apply', '--yes');
    expect(await ada.json('snapshot', 'holds')).toMatchObject([{ case: 'audit' }]);
    await ada.ok('snapshot', 'release', '-m', 'Closed indeed');
    expect(await ada.json('snapshot', 'holds')).toEqual([]);
    await expectSound(ada);
  });
});
