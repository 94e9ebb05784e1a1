import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allFaults, faultName, spread } from './choose-faults.ts';
import { inParallel } from './in-parallel.ts';
import { DISTINCT, SCENARIOS } from './scenarios.ts';
import { pack, setStage } from './scene.ts';
import { stateOf } from './state.ts';
import { installShims } from './strace/git-shims.ts';
import { findPoints } from './strace/run-traced.ts';
import { count, newTally, type Tally, tallyTable } from './tally.ts';
import { type Fault, type Prepared, programOn, tryFault } from './try-fault.ts';

// Each command that writes meets a fault at each system call with which it, or a git that it starts, changes the disk.
// Afterwards everything is as before or as after it, and the command goes through. docs/faults.md tells more.

/** `all`: every fault at every point; else how many faults of each scenario. Not said: a sample that every run of the tests can afford. */
const { FAULTS = '2' } = process.env;
const scenarios = process.env['FAULTS'] === undefined ? DISTINCT : SCENARIOS;
/** Only faults that are described by words which this pattern matches: see {@link faultName}. */
const AT = new RegExp(process.env['FAULTS_AT'] ?? '');
const AT_ONCE = Number(process.env['FAULTS_AT_ONCE'] ?? 2);

const scratch = mkdtempSync(join(process.env['FAULTS_DIR'] ?? tmpdir(), 'git-snapshot-faults-'));
const tallies = new Map<string, Tally>();
let shims: Prepared['shims'];

beforeAll(() => {
  shims = installShims(join(scratch, 'shims'));
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  process.stderr.write(`${tallyTable(tallies)}\n`);
});

test.each(Object.entries(scenarios))('%s', { timeout: 6 * 3_600_000 }, async (name, build) => {
  const scene = await build();
  const dir = join(scratch, name.replaceAll(/[^a-z]+/g, '-'));
  const template = pack(scene, join(dir, 'template'));
  const before = setStage(template, join(dir, 'before'));
  const after = setStage(template, join(dir, 'after'));
  const { ended, points } = await findPoints(await programOn(after, { scene, shims }));
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const states = { old: stateOf(before), new: stateOf(after) };
  expect(states.new).not.toEqual(states.old);
  const prepared: Prepared = { scene, template, shims, states };

  const all = allFaults(points).filter((fault) => AT.test(faultName(fault)));
  const chosen = FAULTS === 'all' ? all : spread(all, Number(FAULTS));
  const tally = newTally(points.length, all.length);
  tallies.set(name, tally);
  const failures: string[] = [];
  const tryOne = async (fault: Fault, k: number) => {
    try {
      count(tally, await tryFault(prepared, fault, join(dir, `run-${k}`)));
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
      process.stderr.write(`${name}: ${failures.at(-1)}\n`);
    }
  };
  await inParallel(chosen, tryOne, { atOnce: AT_ONCE });
  rmSync(dir, { recursive: true, force: true });
  expect(failures).toEqual([]);
});
