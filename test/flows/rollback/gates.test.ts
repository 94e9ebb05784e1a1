import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DOCUMENTS, ErrorDocument } from '../../../src/cli/schemas/documents.ts';
import { look } from '../../support/governed-repo.ts';
import { FIRST, type Person, person } from '../../support/people.ts';
import { programs } from '../../support/programs.ts';
import { tempDir } from '../../support/temp-repo.ts';

interface Site extends Person {
  /** Ids of snapshots whose file `state` says so; the directory is at the last. */
  readonly bad: string;
  readonly good: string;
  readonly last: string;
  /** How often the gate `sound` was run. */
  runs(): number;
  readonly notes: string;
}

/** A set whose gate `sound` wants nothing that is `bad`, and whose gate `named` passes everything with a label. */
async function site(rollback: Record<string, unknown> = {}, environments?: Record<string, unknown>): Promise<Site> {
  const ada = await person(FIRST);
  const notes = join(tempDir(), 'notes');
  writeFileSync(notes, '');
  const ask = `echo run >>${notes}; ! grep bad state`;
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  await ada.write((policy) => {
    Object.assign(policy, {
      gates: { sound: { type: 'command', argv: ['sh', '-c', ask] }, named: { type: 'contract', labels: ['build'] } },
      ...(environments === undefined ? {} : { environments }),
    });
    Object.assign(policy.sets['artifacts'] ?? {}, { rollback: { gates: ['sound', 'named'], ...rollback } });
    Object.assign(policy.roles, { promoter: [FIRST], releaser: [FIRST] });
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  const ids: string[] = [];
  for (const state of ['bad', 'good', 'last']) {
    writeFileSync(join(ada.root, 'state'), `${state}\n`);
    ids.push((await ada.take('-m', state, '-l', `build=${state}`)).id);
  }
  const [bad = '', good = '', last = ''] = ids;
  return { ...ada, bad, good, last, notes, runs: () => readFileSync(notes, 'utf8').split('\n').length - 1 };
}

const state = (ada: Person) => readFileSync(join(ada.root, 'state'), 'utf8').trim();

interface RollbackEvent {
  readonly outcome: string;
  readonly gates?: readonly { readonly name: string; readonly verdict: string }[];
  readonly pastGates?: boolean;
  readonly health?: { readonly verdict: string };
  readonly phases: readonly { readonly phase: string }[];
}

async function lastRollback(ada: Person): Promise<RollbackEvent | undefined> {
  const log = await ada.json<{ event: RollbackEvent }[]>('snapshot', 'log', '--type', 'rollback', '-n', '1');
  return log[0]?.event;
}

const BOTH = [
  { name: 'sound', verdict: 'pass' },
  { name: 'named', verdict: 'pass' },
];

it('are run on what is to be put back, and the log has what they said', async () => {
  const ada = await site();
  const dry = DOCUMENTS.rollback.parse(await ada.json('rollback', '--dry-run', ada.good));
  expect(dry).toMatchObject({ outcome: 'planned', gates: BOTH });
  const done = DOCUMENTS.rollback.parse(await ada.json('rollback', '--yes', ada.good));
  expect(done).toMatchObject({ outcome: 'applied', gates: BOTH });
  expect(done.phases.map(({ phase }) => phase).slice(3, 6)).toEqual(['plan', 'gates', 'backup']);
  expect(await lastRollback(ada)).toMatchObject({ outcome: 'applied', gates: BOTH });
  expect(await lastRollback(ada)).not.toHaveProperty('pastGates');
  expect(ada.runs()).toBe(2);
  // Where there is nothing to do, they are not run, and neither is anything in the way of an undo.
  await ada.ok('rollback', '--yes', ada.good);
  expect(ada.runs()).toBe(2);
});

it('stop it before anything is written, and a dry run says so', async () => {
  const ada = await site();
  const traces = () => [look(ada.root), ada.git('for-each-ref'), look(join(ada.dir, '.git/snapshot'))];
  const before = traces();
  const { stderr } = await ada.expect(7, ['rollback', '--yes', ada.bad]);
  expect(stderr).toContain('  FAIL  sound  exit code 1\n        bad\n  ok    named');
  expect(stderr).toContain(`error: '${ada.bad}' is not put back: the gate sound did not pass\n`);
  expect(stderr).toContain('hint: Nothing was changed. Choose another snapshot');
  expect(traces()).toEqual(before);
  const { stdout } = await ada.expect(7, ['rollback', '--dry-run', ada.bad]);
  expect(stdout).toMatch(/^would put .*\n 1 replaced\n/);
  expect(stdout).toContain('  FAIL  sound');
  await ada.expect(7, ['snapshot', 'restore', '--yes', ada.bad, '--path', 'state']);
  const { stderr: json } = await ada.expect(7, ['snapshot', 'restore', '--yes', '--json', ada.bad]);
  expect(ErrorDocument.parse(JSON.parse(json)).error.gates).toMatchObject([{ verdict: 'fail' }, { verdict: 'pass' }]);
  expect(traces()).toEqual(before);
});

it('are gone past in an emergency, with a reason, and the log says so; health is only told of then', async () => {
  const ada = await site({ health: { argv: ['sh', '-c', 'echo "it is down"; exit 1'] } });
  const { stderr } = await ada.expect(2, ['rollback', '--yes', '--past-gates', ada.bad]);
  expect(stderr).toContain('error: --past-gates needs a reason\n');
  await ada.expect(0, ['rollback', '--dry-run', '--past-gates', '-m', 'why', ada.bad]);
  const done = await ada.expect(0, ['rollback', '--yes', '--past-gates', '-m', 'All else is worse', ada.bad]);
  expect(done.stderr).toContain('warning: going on past what did not pass: sound\n');
  expect(done.stdout).toContain('  FAIL  health  exit code 1\n        it is down\n');
  expect(state(ada)).toBe('bad');
  expect(await lastRollback(ada)).toMatchObject({
    outcome: 'applied',
    reason: 'All else is worse',
    pastGates: true,
    gates: [
      { name: 'sound', verdict: 'fail' },
      { name: 'named', verdict: 'pass' },
    ],
    health: { verdict: 'fail' },
  });
  await ada.ok('snapshot', 'log', '--verify');
});

it('are not in the way of an undo', async () => {
  const ada = await site();
  writeFileSync(join(ada.root, 'state'), 'bad again\n');
  await ada.ok('rollback', '--yes', ada.good);
  const runs = ada.runs();
  await ada.ok('rollback', '--yes', '--undo');
  expect(state(ada)).toBe('bad again');
  expect(ada.runs()).toBe(runs);
  expect(await lastRollback(ada)).not.toHaveProperty('gates');
});

it('stop the rollback of an environment, and nothing is promoted', async () => {
  const ada = await site({}, { production: {} });
  for (const id of [ada.good, ada.bad, ada.last])
    await ada.ok('snapshot', 'promote', '--yes', id, 'production', '-m', 'go');
  const live = async () => (await ada.json<{ live: { number: number } }[]>('snapshot', 'environments'))[0]?.live.number;
  await ada.expect(7, ['rollback', '--env', 'production', '--yes', '-m', 'down']);
  await ada.expect(7, ['rollback', '--env', 'production', '--dry-run', '-m', 'down']);
  expect([state(ada), await live()]).toEqual(['last', 3]);
  // Where the directory is there already, too.
  writeFileSync(join(ada.root, 'state'), 'bad\n');
  await ada.expect(7, ['rollback', '--env', 'production', '--yes', '-m', 'down']);
  const { stdout } = await ada.expect(7, ['rollback', '--env', 'production', '--dry-run', '-m', 'down']);
  expect(stdout).toMatch(/nothing to do: .*\n gates:\n/);
  expect(await live()).toBe(3);
  await ada.ok('rollback', '--env', 'production', '--yes', '--past-gates', '-m', 'down');
  expect([state(ada), await live()]).toEqual(['bad', 4]);
});

it('are not run again by --continue, and what they said is recorded all the same', async () => {
  const ada = await site();
  // The health program of the first attempt does not come back.
  await ada.write((policy) => {
    const slow = `[ $(grep -c asked ${ada.notes}) = 0 ] || exit 0; echo asked >>${ada.notes}; exec sleep 60`;
    Object.assign(policy.sets['artifacts'] ?? {}, {
      rollback: { gates: ['sound'], health: { argv: ['sh', '-c', slow] } },
    });
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  const script = (await programs()).script('git-rollback');
  const child = spawn(process.execPath, [script, '--yes', '--past-gates', '-m', 'why', ada.bad], {
    cwd: ada.dir,
    env: { ...process.env, XDG_CONFIG_HOME: ada.home },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await expect.poll(() => readFileSync(ada.notes, 'utf8'), { timeout: 60_000 }).toContain('asked');
  child.kill('SIGINT');
  await ended;
  const runs = ada.runs();
  await ada.ok('rollback', '--continue');
  expect(ada.runs()).toBe(runs);
  expect(await lastRollback(ada)).toMatchObject({
    outcome: 'applied',
    pastGates: true,
    gates: [{ name: 'sound', verdict: 'fail' }],
    health: { verdict: 'pass' },
  });
});
