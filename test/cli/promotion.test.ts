import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import type { App } from '../../src/cli/app/app.ts';
import { DOCUMENTS, ErrorDocument } from '../../src/cli/schemas/documents.ts';
import { environmentOf } from '../../src/core/policy/environment-schema.ts';
import { Gate } from '../../src/core/policy/gate-schema.ts';
import { GatesFailedError } from '../../src/flows/gates/gates-failed-error.ts';
import { fakeApp, fakeGate, fakePromote, fakePromotion, fakeRollback, fakeSnapshot } from '../support/fake-app.ts';
import { type GovernedRepo, governedRepo, type SnapshotDocument } from '../support/governed-repo.ts';
import { adaAndBen, FIRST, type Person } from '../support/people.ts';
import { runCli } from '../support/run-cli.ts';

const ID = fakeSnapshot().id;
const VIOLATION = { path: 'a/\u001b.json', pointer: '/price', message: 'is not a number' };

/** Two stages: production takes what is live in staging, through a gate and one approval. */
const STAGES = {
  gates: { contract: { type: 'contract', forbidden: ['**/*.bak'] } },
  environments: {
    staging: {},
    production: { from: 'staging', gates: ['contract'], approvals: { count: 1 } },
    breakable: { breakGlass: true, approvals: { count: 1 }, gates: ['contract'] },
  },
};

async function withStages(repo: Pick<Person, 'write' | 'ok'>, stages: object = STAGES): Promise<void> {
  await repo.write((policy) => Object.assign(policy, stages));
  await repo.ok('snapshot', 'policy', 'apply', '--yes');
}

async function take({ root, take: snapshot }: GovernedRepo, files: Record<string, string>): Promise<SnapshotDocument> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return snapshot();
}

const app = (parts: Partial<App['promotion']>) => fakeApp({ promotion: { ...fakeApp().app.promotion, ...parts } }).app;

describe('words', () => {
  test.each([
    [['promote', 'latest'], 'no environment given'],
    [['reject'], 'no promotion given'],
    [['approve', 'production/0', '-m', 'x'], "'production/0' does not name a promotion"],
    [['approve', 'a/production/1', '-m', 'x'], 'does not name a promotion'],
    [['reject', 'Not A Name', '-m', 'x'], 'does not name a promotion'],
    [['promotions', '--limit', '0'], "option '--limit' takes a whole number above 0"],
    [['rollback', '--env', 'staging', '--path', 'x'], "'--env' and '--path' cannot be used together"],
    [['rollback', '--env', 'staging', '--undo'], "'--env' and '--undo' cannot be used together"],
    [['rollback', '--env', 'staging', '--abort'], "'--env' and '--abort' cannot be used together"],
    [['rollback', '--env', 'staging', '--continue'], "'--env' and '--continue' cannot be used together"],
  ])('%j: %s', async (argv, message) => {
    expect(await runCli(argv, { app: fakeApp().app })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  test('what is asked of the app', async () => {
    const calls: unknown[] = [];
    const note = app({
      promote: async (options) => {
        calls.push(options);
        return fakePromote();
      },
      decide: async (options) => {
        calls.push(options);
        return { decision: options.decision, promotion: fakePromotion() };
      },
      rollback: async (options) => {
        calls.push(options);
        return { directory: fakeRollback(), promotion: fakePromote(), isOnHold: false };
      },
    });
    const lines = [
      ['promote', '@staging', 'production', '-m', 'why', '-y', '--break-glass', '--set', 'models'],
      ['promote', 'latest', 'staging', '-n'],
      ['approve', 'production', '-m', 'why', '-y'],
      ['reject', 'production/7', '--withdraw', '-m', 'why', '-y'],
      ['rollback', '--env', 'production', '--steps', '2', '-y'],
    ];
    for (const argv of lines) expect(await runCli(argv, { app: note })).toMatchObject({ code: 0 });
    const choice = { set: undefined, confirm: undefined };
    expect(calls).toEqual([
      {
        ...choice,
        set: 'models',
        snapshot: '@staging',
        environment: 'production',
        message: 'why',
        dryRun: false,
        breakGlass: true,
      },
      expect.objectContaining({ dryRun: true, breakGlass: false, snapshot: 'latest' }),
      { ...choice, environment: 'production', number: undefined, decision: 'approve', message: 'why' },
      { ...choice, environment: 'production', number: 7, decision: 'withdraw', message: 'why' },
      {
        ...choice,
        environment: 'production',
        snapshot: undefined,
        steps: 2,
        message: undefined,
        dryRun: false,
        pastGates: false,
      },
    ]);
  });
});

describe('what is printed', () => {
  test('of a promotion that waits: who may approve, and what to type', async () => {
    const tally = { needed: 2, approved: [], rejected: [], others: ['ben', 'cleo'], isEnough: false };
    const waiting = app({ promote: async () => fakePromote({ outcome: 'pending', set: 'models', tally }) });
    const { stdout } = await runCli(['promote', 'latest', 'production', '-m', 'x', '-y'], { app: waiting });
    expect(stdout).toBe(
      [
        `production/3: models/${ID} is put up, and waits`,
        ' live before: nothing',
        ' gates:',
        '  ok    schemas  12 files follow it',
        ' approvals: 0 of 2',
        ' who may approve: ben, cleo',
        ' with: git snapshot approve production/3 --set models -m WHY',
        '',
      ].join('\n'),
    );
    const alone = app({
      promote: async () => fakePromote({ outcome: 'pending', tally: { ...tally, others: ['ben'] } }),
    });
    expect((await runCli(['promote', 'latest', 'production', '-m', 'x', '-y'], { app: alone })).stdout).toContain(
      ' 2 approvals missing, and too few people who may give them',
    );
  });

  test('of gates that did not pass: what they found, before the error', async () => {
    const violations = Array.from({ length: 12 }, () => VIOLATION);
    const gates = [fakeGate(), fakeGate({ name: 'prices', verdict: 'fail', detail: '12 faults', violations })];
    const failing = app({
      promote: async () => {
        throw new GatesFailedError(gates, { refused: 'it may not go there', hint: 'None.' });
      },
      check: async () => ({ set: 'artifacts', snapshot: ID, ok: false, gates }),
    });
    const line = ['promote', 'latest', 'production', '-m', 'x', '-y'];
    const { code, stdout, stderr } = await runCli(line, { app: failing });
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toContain('  FAIL  prices   12 faults\n        "a/\\u{1b}.json"#/price: is not a number\n');
    expect(stderr).toContain('        and 2 more; --verbose lists them\nerror: ');
    expect((await runCli([...line, '-v'], { app: failing })).stderr.match(/is not a number/g)).toHaveLength(12);
    const error = await runCli([...line, '--json'], { app: failing });
    expect(ErrorDocument.parse(JSON.parse(error.stderr)).error).toMatchObject({
      kind: 'gate',
      exitCode: 7,
      gates: [{ verdict: 'pass' }, { name: 'prices', violations: { length: 12 } }],
    });

    const checked = await runCli(['check'], { app: failing });
    expect(checked).toMatchObject({ code: 7, stdout: expect.stringMatching(/: FAIL\n {2}ok {4}schemas/) });
    expect((await runCli(['check', '-q'], { app: failing })).stdout).not.toContain('schemas');
  });

  test('the tables', async () => {
    const { app: usual } = fakeApp();
    expect((await runCli(['environments'], { app: usual, env: { TZ: 'UTC' } })).stdout).toMatch(
      /^ENVIRONMENT {2}LIVE .* PENDING {2}SOAK LEFT {3}NEXT FREEZE\nproduction {3}20261122T090000Z-0123456789ab {2}2 hours ago {2}ada {2}3 \(1\/2\) {2}1 h 30 min {2}2026-11-2\d \d\d:\d\d weekend\n$/,
    );
    expect((await runCli(['promotions'], { app: usual })).stdout).toMatch(
      /^PROMOTION .*\nproduction\/3 {2}pending {2}2026\S+ {2}promote {2}ada {2}2026-11-22 \d\d:00 {2}1\/2 {8}Release 12\n$/,
    );
    expect(await runCli(['promotions', '--pending'], { app: app({ list: async () => [] }) })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'no promotion waits\n',
    });
  });

  test('of a rollback that was reverted: the environment stays', async () => {
    const reverted = app({
      rollback: async () => ({
        directory: fakeRollback({ outcome: 'reverted' }),
        promotion: fakePromote({ outcome: 'planned', action: 'rollback' }),
        isOnHold: false,
      }),
    });
    const result = await runCli(['rollback', '--env', 'production', '-y'], { app: reverted });
    expect(result).toMatchObject({ code: 1, stderr: 'production stays as it is\n' });
  });

  test('of a rollback that holds: what lets promotions in again', async () => {
    const held = app({
      rollback: async () => ({
        directory: fakeRollback({ set: 'models' }),
        promotion: fakePromote({ set: 'models', action: 'rollback' }),
        isOnHold: true,
      }),
    });
    const { stderr } = await runCli(['rollback', '--env', 'production', '-y'], { app: held });
    expect(stderr).toMatch(/^production is on hold\. .*: git snapshot resume production --set models -m WHY$/m);
    const { stdout } = await runCli(['rollback', '--env', 'production', '-y', '--json'], { app: held });
    expect(JSON.parse(stdout)).toMatchObject({ onHold: true });
  });

  test('of a gate that has one thing to say: that once', async () => {
    const message = 'the log has no rehearsal of the set that passed';
    const gate = fakeGate({
      verdict: 'fail',
      detail: message,
      violations: [{ path: undefined, pointer: undefined, message }],
    });
    const check = async () => ({ set: 'artifacts', snapshot: ID, ok: false, gates: [gate] });
    expect((await runCli(['check'], { app: app({ check }) })).stdout.split(message)).toHaveLength(2);
  });
});

describe('--json', () => {
  test.each<[keyof typeof DOCUMENTS, string[]]>([
    ['promote', ['promote', 'latest', 'production', '-m', 'x', '-y']],
    ['promote', ['promote', 'latest', 'production', '-n']],
    ['approve', ['approve', 'production', '-m', 'x', '-y']],
    ['approve', ['reject', 'production', '-m', 'x', '-y', '--withdraw']],
    ['environments', ['environments']],
    ['promotions', ['promotions']],
    ['check', ['check']],
    ['rollback --env', ['rollback', '--env', 'production', '-y']],
    ['rollback --env', ['rollback', '--env', 'production', '-n']],
  ])('of %s is what its schema says: %j', async (name, argv) => {
    const violations = [VIOLATION, { path: undefined, pointer: undefined, message: 'is too large' }];
    const check = async () => ({ set: 'artifacts', snapshot: ID, ok: true, gates: [fakeGate({ violations })] });
    const { code, stdout } = await runCli([...argv, '--json'], { app: app({ check }) });
    expect(code).toBe(0);
    expect(DOCUMENTS[name].safeParse(JSON.parse(stdout)).error?.issues).toBeUndefined();
  });
});

describe('a question', () => {
  const asking = (asked: unknown[]) =>
    app({
      promote: async ({ confirm }) => {
        await confirm?.(fakePromote({ outcome: 'planned' }));
        asked.push('signed');
        return fakePromote();
      },
      decide: async ({ confirm, decision }) => {
        await confirm?.(fakePromotion());
        asked.push('signed');
        return { decision, promotion: fakePromotion() };
      },
      rollback: async ({ confirm }) => {
        const promotion = fakePromote({ outcome: 'planned', action: 'rollback' });
        await confirm?.({ directory: fakeRollback({ outcome: 'planned' }), promotion, isOnHold: false });
        asked.push('signed');
        return {
          directory: undefined,
          promotion: fakePromote({ outcome: 'pending', action: 'rollback' }),
          isOnHold: false,
        };
      },
    });

  test('of an environment shows what becomes of the directory, and the promotion', async () => {
    const { stderr } = await runCli(['rollback', '--env', 'production'], {
      app: asking([]),
      columns: 120,
      input: 'n\n',
    });
    expect(stderr).toMatch(
      /^would put artifacts from \S+ to \S+\n[^?]*\nwould roll back production to [^?]*\nGo ahead\? /,
    );
  });

  test.each([
    [['promote', 'latest', 'production', '-m', 'x'], `would promote artifacts/${ID} to production, as production/3`],
    [['approve', 'production', '-m', 'x'], ' ben: approve, Looked at it'],
    [['rollback', '--env', 'production'], `would roll back production to artifacts/${ID}`],
  ])('comes before %j signs anything', async (argv, shown) => {
    const asked: unknown[] = [];
    const no = await runCli(argv, { app: asking(asked), columns: 120, input: 'n\n' });
    expect(no).toMatchObject({ code: 1, stderr: expect.stringContaining(shown) });
    expect(asked).toEqual([]);
    expect(await runCli(argv, { app: asking(asked), columns: 120, input: 'y\n' })).toMatchObject({ code: 0 });
    expect(asked).toEqual(['signed']);
    expect(await runCli(argv, { app: asking(asked) })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('hint: Pass --yes'),
    });
  });
});

test('the rules in the documentation are those of a policy', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/promotion-rules.md'), 'utf8');
  const { environments, gates } = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const rules = environmentOf(z.unknown());
  expect(rules.parse(environments.production)).toEqual(environments.production);
  expect(Object.keys(environments.production).toSorted()).toEqual(Object.keys(rules.shape).toSorted());
  for (const gate of environments.production.gates) expect(Gate.safeParse(gates[gate]).success).toBe(true);
});

test('a policy without environments is told as what it is', async () => {
  const repo = await governedRepo();
  await take(repo, { a: '1' });
  expect((await repo.expect(4, ['snapshot', 'environments'])).stderr).toContain('the policy has no environments');
  const { stderr } = await repo.expect(4, ['snapshot', 'promote', 'latest', 'staging', '-m', 'x', '--yes']);
  expect(stderr).toContain("there is no environment 'staging'\nhint: The policy has no environments");
  expect((await repo.expect(4, ['snapshot', 'check', '-g', 'x'])).stderr).toContain("the policy has no gate 'x'");
  expect(await repo.run(['snapshot', 'check'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('the policy has no gates'),
  });
});

describe('on a real repository', () => {
  const stages = async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    await withStages(ada);
    const refused = async (code: number, ...words: string[]) => (await ada.expect(code, ['snapshot', ...words])).stderr;
    const document = async (name: keyof typeof DOCUMENTS, ...words: string[]) => {
      const { stdout } = await ada.expect(0, [...words, '--json']);
      expect(DOCUMENTS[name].safeParse(JSON.parse(stdout)).error?.issues).toBeUndefined();
      return JSON.parse(stdout) as unknown;
    };
    return { ada, ben, first: await take(ada, { a: '1' }), refused, document };
  };

  test('a snapshot goes through the stages, with everything that is refused on its way', async () => {
    const { ada, ben, first, refused, document } = await stages();
    const production = ['promote', first.id, 'production', '-m', 'Release 1', '--yes'];
    expect(await refused(4, 'promote', 'latest', 'nowhere', '-m', 'x', '--yes')).toContain(
      'hint: The policy has: breakable, staging, production.',
    );
    expect(await refused(4, 'show', '@staging')).toContain('nothing is live in staging');
    expect(await refused(3, ...production)).toContain(`${first.id} is not live in staging; nothing is`);
    expect(await refused(3, ...production, '--break-glass')).toContain('past its rules');
    expect(await refused(2, 'promote', 'latest', 'staging', '-m', 'x')).toContain('hint: Pass --yes');

    expect(await document('promote', 'snapshot', 'promote', 'latest', 'staging', '--dry-run')).toMatchObject({
      outcome: 'planned',
      number: 1,
    });
    expect(await ada.ok('snapshot', 'promotions')).toBe('');
    const live = await ada.ok('snapshot', 'promote', 'latest', 'staging', '-m', 'Release 1', '--yes');
    expect(live).toContain(`staging/1: artifacts/${first.id} is live\n live before: nothing\n`);
    expect(await refused(5, 'promote', 'latest', 'staging', '-m', 'again', '--yes')).toContain(
      'is live in staging already',
    );
    expect(await ada.ok('snapshot', 'show', '@staging', '-q')).toContain(first.id);

    expect(await ada.ok('snapshot', 'promote', '@staging', 'production', '-n')).toContain(
      `would promote artifacts/${first.id} to production, as production/1`,
    );
    const pending = await ada.ok('snapshot', ...production);
    expect(pending).toContain('\n  ok    contract');
    expect(pending).toContain('\n who may approve: ben\n with: git snapshot approve production/1 -m WHY\n');
    expect(await refused(5, ...production)).toContain('waits in production already, as promotion production/1');
    expect(await refused(3, 'approve', 'production', '-m', 'mine', '--yes')).toContain('your approval');
    expect(await refused(4, 'approve', 'production/9', '-m', 'x', '--yes')).toContain('no promotion production/9');
    expect(await document('environments', 'snapshot', 'environments')).toMatchObject([
      { environment: 'breakable', live: null },
      { environment: 'staging', live: { number: 1, snapshot: first.id }, pending: [] },
      { environment: 'production', live: null, pending: [{ number: 1, approvals: { needed: 1, others: ['ben'] } }] },
    ]);
    expect(await ada.ok('snapshot', 'completion', '--list-environments')).toBe('breakable\nstaging\nproduction\n');

    ben.pull(ada);
    for (const [words, text] of [
      [
        ['reject', 'production', '-m', 'Not today'],
        'is rejected\n approvals: 0 of 1\n rejected by: ben\n stays rejected, whoever else approves it, until ben approves it, or withdraws the rejection: git snapshot reject production/1 --withdraw -m WHY\n',
      ],
      [['reject', 'production/1', '--withdraw', '-m', 'Well'], 'is pending\n'],
      [['approve', 'production', '-m', 'Fine'], `artifacts/${first.id} is live in production\n`],
    ] as const)
      expect(await ben.ok('snapshot', ...words, '--yes')).toContain(text);
    ada.pull(ben);
    expect(await refused(4, 'approve', 'production', '-m', 'late', '--yes')).toContain(
      'no promotion waits in production',
    );
    expect(await document('promotions', 'snapshot', 'promotions', 'production')).toMatchObject([
      { status: 'live', promoter: FIRST, opinions: [{ person: 'ben', decision: 'approve', reason: 'Fine' }] },
    ]);
    expect(await ada.ok('snapshot', 'verify', '@production')).toContain(': ok\n');
  });

  test('a gate that does not pass stops a promotion, unless the glass is broken', async () => {
    const { ada, first, refused } = await stages();
    const { id } = await take(ada, { 'x.bak': 'x' });
    const { stdout } = await ada.expect(7, ['snapshot', 'check', '--json']);
    expect(DOCUMENTS.check.safeParse(JSON.parse(stdout)).error?.issues).toBeUndefined();
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, gates: [{ name: 'contract', verdict: 'fail' }] });
    expect(await ada.ok('snapshot', 'check', first.id, '-g', 'contract')).toContain(': ok\n  ok    contract');
    const words = ['promote', id, 'breakable', '-m', 'x', '--yes'];
    const stderr = await refused(7, ...words);
    expect(stderr).toMatch(/^ {2}FAIL {2}contract .*\n {8}x\.bak: /);
    expect(stderr).toContain(`\nerror: '${id}' may not go to breakable: the gate contract did not pass\n`);
    expect(stderr.match(/x\.bak/g)).toHaveLength(1);
    expect((await ada.expect(7, ['snapshot', 'promote', id, 'breakable', '-n'])).stdout).toContain('FAIL  contract');
    expect(await ada.ok('snapshot', ...words, '--break-glass')).toContain('past every rule of the environment');
    expect(await ada.ok('snapshot', 'promotions', 'breakable')).toContain('live, break glass');
  });

  test('an environment is rolled back with its directory', async () => {
    const { ada, first, document } = await stages();
    await ada.ok('snapshot', 'promote', first.id, 'staging', '-m', 'Release 1', '--yes');
    const { id } = await take(ada, { a: '2' });
    await ada.ok('snapshot', 'promote', id, 'staging', '-m', 'Release 2', '--yes');
    const planned = await document('rollback --env', 'rollback', '--env', 'staging', '--dry-run');
    expect(planned).toMatchObject({
      directory: { to: first.id },
      promotion: { outcome: 'planned', action: 'rollback' },
    });
    expect((await ada.expect(4, ['rollback', '--env', 'staging', '--steps', '5', '--yes'])).stderr).toContain(
      'staging has not had 5 live snapshots before what is live now',
    );
    expect((await ada.expect(2, ['rollback', '--env', 'staging'])).stderr).toContain('hint: Pass --yes');
    expect(await ada.ok('snapshot', 'status')).toContain(id);
    const rolledBack = await ada.expect(0, ['rollback', '--env', 'staging', '-m', 'Release 2 is bad', '--yes']);
    const done = rolledBack.stdout;
    expect(rolledBack.stderr).toContain(`To take it back: git rollback --env staging ${id}\n`);
    expect(rolledBack.stderr).not.toContain('git snapshot restore');
    expect(done).toMatch(new RegExp(`^artifacts is now at ${first.id} `));
    expect(done).toContain(`staging/3: artifacts/${first.id} is live\n live before: ${id}\n`);
    expect(await ada.ok('snapshot', 'status')).toContain(first.id);
    expect(await ada.ok('snapshot', 'log', '--verify')).toContain('verified');
    // Typed again, it does not go forward to what it left; by name one can.
    expect((await ada.expect(4, ['rollback', '--env', 'staging', '--yes'])).stderr).toBe(
      `error: staging/3 is a rollback already, to ${first.id}: another goes further back, and nothing was live before ${first.id}\nhint: To put only the directory back to what is live: git rollback @staging\nhint: To go forward again, name the snapshot: git rollback --env staging ${id}\n`,
    );
    expect((await ada.expect(4, ['snapshot', 'show', '@staging~1'])).stderr).toContain(
      'nothing was live in staging before what is live now',
    );
    expect(await ada.ok('rollback', '--env', 'staging', id, '--yes')).toContain(`staging/4: artifacts/${id} is live`);
    expect(await ada.ok('snapshot', 'show', '@staging~1')).toContain(first.id);
    // The directory need not be what is live.
    writeFileSync(join(ada.root, 'a'), 'broken');
    const { stderr } = await ada.expect(0, ['rollback', '--env', 'staging', '--yes']);
    expect(stderr).toContain(`To take it back: git rollback --env staging ${id}\n`);
    // What it left when it went forward is what it goes back to.
    expect(stderr).toContain(`staging/4 is a rollback already, to ${id}: this goes further back, to ${first.id}\n`);
    const [, backup = ''] = /^The directory was not at .*: git snapshot restore (\S+)$/m.exec(stderr) ?? [];
    await ada.ok('snapshot', 'restore', backup, '--yes');
    expect(readFileSync(join(ada.root, 'a'), 'utf8')).toBe('broken');
  });
});
