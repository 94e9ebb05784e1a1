import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import { fakeApp } from '../support/fake-app.ts';
import { runCli } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-repo.ts';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** In a directory that is no repository; the app is never opened. */
async function simulate(snapshots: unknown, ...words: string[]): Promise<Run> {
  const text = typeof snapshots === 'string' ? snapshots : JSON.stringify(snapshots);
  const cwd = tempDir();
  writeFileSync(join(cwd, 'snapshots.json'), text);
  const openApp = async () => Promise.reject(new Error('a simulation opens nothing'));
  return runCli(['prune', '--simulate', 'snapshots.json', ...words], { cwd, openApp });
}

const at = (...times: string[]) =>
  times.map((time) => ({ id: time, time: time.length === 10 ? `${time}T00:00:00Z` : time }));

async function planOf(snapshots: unknown, ...words: string[]) {
  const { code, stdout, stderr } = await simulate(snapshots, ...words, '--now', '2026-12-31T00:00:00Z', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return DOCUMENTS.prune.parse(JSON.parse(stdout));
}

const keptOf = ({ keep }: { keep: { id: string; reasons: string[] }[] }) =>
  Object.fromEntries(keep.map(({ id, reasons }) => [id, reasons]));

describe('a simulation', () => {
  const OLDEST = at('2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z', '2026-01-02');

  test.each([
    [
      'oldest',
      OLDEST,
      ['--keep-daily', '5'],
      {
        '2026-01-02': ['daily'],
        '2026-01-01T11:00:00Z': ['daily'],
        '2026-01-01T10:00:00Z': ['oldest daily'],
      },
      [],
    ],
    [
      'oldest, slots used',
      OLDEST,
      ['--keep-daily', '2'],
      { '2026-01-02': ['daily'], '2026-01-01T11:00:00Z': ['daily'] },
      [{ id: '2026-01-01T10:00:00Z', reason: 'not kept by daily since 2026-01-02T00:00:00Z' }],
    ],
    [
      'strict window',
      at('2026-08-01', '2026-08-08T00:00:00Z', '2026-08-08T00:00:01Z', '2026-08-15T00:00:00Z'),
      ['--keep-within', '7d'],
      { '2026-08-15T00:00:00Z': ['within 7d'], '2026-08-08T00:00:01Z': ['within 7d'] },
      [
        { id: '2026-08-08T00:00:00Z', reason: 'not kept by within 7d since 2026-08-15T00:00:00Z' },
        { id: '2026-08-01', reason: 'not kept by within 7d since 2026-08-08T00:00:00Z' },
      ],
    ],
    [
      'ISO week',
      at('2025-12-28', '2025-12-29', '2026-01-04', '2026-01-05'),
      ['--keep-weekly', '10'],
      { '2026-01-05': ['weekly'], '2026-01-04': ['weekly'], '2025-12-28': ['weekly'] },
      [{ id: '2025-12-29', reason: 'not kept by weekly since 2026-01-04T00:00:00Z' }],
    ],
    [
      'independent',
      at('2026-06-30', '2026-07-31', '2026-08-21', '2026-08-22'),
      ['--keep-last', '1', '--keep-daily', '2', '--keep-monthly', '2'],
      { '2026-08-22': ['last', 'daily', 'monthly'], '2026-08-21': ['daily'], '2026-07-31': ['monthly'] },
      [{ id: '2026-06-30', reason: 'not kept by daily since 2026-08-21T00:00:00Z' }],
    ],
  ])('of the case "%s"', async (_, snapshots, rules, keep, remove) => {
    const plan = await planOf(snapshots, ...rules);
    expect(keptOf(plan)).toEqual(keep);
    expect(plan.remove).toEqual(remove);
  });

  test('takes every rule from the command line', async () => {
    const words = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'].flatMap((rule) => [`--keep-${rule}`, '1']);
    const lengths = ['', '-hourly', '-daily', '-weekly', '-monthly', '-yearly'].flatMap((rule) => [
      `--keep-within${rule}`,
      '1d',
    ]);
    const snapshots = [{ id: 'a', time: '2026-01-01T10:00:00Z', labels: ['a=b', 'c=d'] }];
    const labels = [
      '--keep-label',
      'a=b,c=d',
      '--keep-label',
      'e=f',
      '--timezone',
      'Europe/Vienna',
      '--anchor',
      'newest',
    ];
    const reasons = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];
    expect(keptOf(await planOf(snapshots, ...words, ...lengths, ...labels))).toEqual({
      a: ['label a=b,c=d', 'within 1d', 'last', ...reasons, ...reasons.map((reason) => `${reason} within 1d`)],
    });
  });

  test('knows unlimited, and the time zone of days', async () => {
    const snapshots = at('2026-08-21T21:30:00Z', '2026-08-21T22:30:00Z');
    expect((await planOf(snapshots, '--keep-last', 'unlimited')).remove).toEqual([]);
    expect((await planOf(snapshots, '--keep-daily', '1')).remove).toHaveLength(1);
    expect(keptOf(await planOf(snapshots, '--keep-daily', '2', '--timezone', 'Europe/Vienna'))).toEqual({
      '2026-08-21T22:30:00Z': ['daily'],
      '2026-08-21T21:30:00Z': ['daily'],
    });
  });

  test('goes by the time that is given, or by the clock', async () => {
    const snapshots = at('2026-11-22T12:06:00Z', '2026-11-22T12:00:00Z', '2026-11-22T11:00:00Z');
    const { stdout } = await simulate(snapshots, '--keep-last', '1', '--json');
    expect(keptOf(JSON.parse(stdout))).toEqual({
      '2026-11-22T12:06:00Z': ['future'],
      '2026-11-22T12:00:00Z': ['last'],
    });
    const later = await simulate(snapshots, '--keep-last', '1', '--now', '2026-11-23', '--json');
    expect(keptOf(JSON.parse(later.stdout))).toEqual({ '2026-11-22T12:06:00Z': ['last'] });
  });

  test('reads standard input where the file is "-"', async () => {
    const words = ['prune', '--simulate', '-', '--keep-last', '1', '--json'];
    const { stdout } = await runCli(words, { app: fakeApp().app, input: JSON.stringify(at('2026-01-01')) });
    expect(keptOf(JSON.parse(stdout))).toEqual({ '2026-01-01': ['last'] });
  });

  test('has a digest that tells plans apart, and not how they were asked for', async () => {
    const [one, same, other] = [
      await planOf(OLDEST, '--keep-daily', '5'),
      await planOf(OLDEST.toReversed(), '--keep-daily', '6'),
      await planOf(OLDEST, '--keep-daily', '2'),
    ];
    expect(same).toEqual(one);
    expect(other.digest).not.toBe(one.digest);
  });

  test('is a table for people', async () => {
    const { stdout } = await simulate(OLDEST, '--keep-daily', '2');
    expect(stdout.replace(/sha256:\w+/, 'DIGEST')).toBe(
      [
        'SNAPSHOT              TAKEN                 DO      WHY',
        '2026-01-02            2026-01-02T00:00:00Z  keep    daily',
        '2026-01-01T11:00:00Z  2026-01-01T11:00:00Z  keep    daily',
        '2026-01-01T10:00:00Z  2026-01-01T10:00:00Z  remove  not kept by daily since 2026-01-02T00:00:00Z',
        '3 snapshots: 2 kept, 1 removed',
        'plan DIGEST',
        '',
      ].join('\n'),
    );
  });

  test('explains one snapshot', async () => {
    const explained = async (id: string) =>
      (await simulate(OLDEST, '--keep-daily', '2', '--keep-last', '1', '--explain', id)).stdout;
    expect(await explained('2026-01-02')).toBe(
      [
        '2026-01-02 is kept. It goes when all of these have come to their end:',
        ' last   with the next snapshot',
        ' daily  when 2 more days have a snapshot',
        '',
      ].join('\n'),
    );
    expect(await explained('2026-01-01T10:00:00Z')).toBe(
      '2026-01-01T10:00:00Z is removed: not kept by daily since 2026-01-02T00:00:00Z\n',
    );
    expect((await planOf(OLDEST, '--keep-daily', '2', '--explain', '2026-01-02')).explain).toEqual({
      id: '2026-01-02',
      kept: true,
      reasons: [{ reason: 'daily', goes: 'when 2 more days have a snapshot' }],
    });
    expect(await simulate(OLDEST, '--keep-daily', '2', '--explain', 'x')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("no snapshot 'x' in the plan"),
    });
  });
});

describe('a simulation is refused', () => {
  test.each([
    ['without a rule', [], "no rule keeps any snapshot of '"],
    [
      'with rules that keep nothing',
      ['--keep-last', '0', '--keep-within', '0d', '--timezone', 'UTC'],
      'no rule keeps any snapshot',
    ],
    ['where nothing would be left', ['--keep-label', 'a=b'], "nothing would be left of '"],
    ['where too many would go', ['--keep-last', '1', '--max-remove', '1'], '2 snapshots would be removed, more than 1'],
  ])('%s', async (_, words, message) => {
    expect(await simulate(at('2026-01-03', '2026-01-02', '2026-01-01'), ...words)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  test('but may remove many while it is only asked what would be', async () => {
    const many = Array.from({ length: 150 }, (_, i) => ({
      id: `${i}`,
      time: `2026-01-01T00:${String(i % 60).padStart(2, '0')}:00Z`,
    }));
    expect((await planOf(many, '--keep-last', '20')).remove).toHaveLength(130);
  });

  test.each([
    [['--keep-last', '-1'], "option '--keep-last' takes a whole number or 'unlimited', not '-1'"],
    [['--keep-daily', 'many'], "option '--keep-daily' takes a whole number or 'unlimited', not 'many'"],
    [['--keep-within', '7'], "option '--keep-within' takes a duration, not '7': 7 has no unit"],
    [['--keep-within-weekly', '7w'], "option '--keep-within-weekly' takes a duration, not '7w': 'w' is not a unit"],
    [['--keep-label', 'a=b,c'], "'c' is not a label"],
    [['--keep-last', '1', '--timezone', 'Europe/Nowhere'], "'Europe/Nowhere' is not a time zone"],
    [['--keep-last', '1', '--now', 'yesterday'], "'yesterday' is not a time"],
    [['--keep-last', '1', '--now', '2026-02-30'], "'2026-02-30' is not a time"],
    [['--keep-last', '1', '--anchor', 'oldest'], "option '--anchor' takes newest or now"],
    [['--apply'], "'--simulate' and '--apply' cannot be used together"],
    [['--set', 'models'], "'--simulate' and '--set' cannot be used together"],
  ])('for %j', async (words, message) => {
    expect(await simulate(at('2026-01-01'), ...words)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  test.each([
    ['[', 'not JSON'],
    ['{"id": "a"}', 'not a list of snapshots'],
    ['[{"id": "a"}, 7]', 'snapshot 1: expected object, received number'],
    ['[{"id": "a"}]', 'snapshot 0: time: is missing'],
    ['[{"id": "a", "time": "2026-02-30"}]', 'snapshot 0: time: not a time such as 2026-01-05T13:00:00Z'],
    ['[{"id": "a", "time": 12}]', 'snapshot 0: time: expected string, received number'],
    ['[{"id": "", "time": "2026-01-01"}]', 'snapshot 0: id: is empty'],
    ['[{"id": "a", "time": "2026-01-01", "label": []}]', "snapshot 0: no field is called 'label'"],
    ['[{"id": "a", "time": "2026-01-01", "labels": ["A"]}]', 'snapshot 0: labels.0: not a label such as release=yes'],
    [
      '[{"id": "a", "time": "2026-01-01"}, {"id": "a", "time": "2026-01-02"}]',
      "snapshot 1: has the id 'a' of snapshot 0",
    ],
  ])('for %s', async (text, fault) => {
    expect(await simulate(text, '--keep-last', '1')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(fault),
    });
  });

  test('for a file that is not there', async () => {
    const { app } = fakeApp();
    expect(await runCli(['prune', '--simulate', '/no/such/file', '--keep-last', '1'], { app })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(': no such file or directory'),
    });
  });
});

test('the time of planning is for simulations', async () => {
  expect(await runCli(['prune', '--now', '2026-01-01'], { app: fakeApp().app })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("'--now' is for '--simulate' alone"),
  });
});
