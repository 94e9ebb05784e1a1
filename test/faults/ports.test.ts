import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { spread } from './choose-faults.ts';
import { failingReplacer, failingStore, type PortFaults } from './failing-ports.ts';
import { judge } from './judge.ts';
import { pack, type Scene, type Stage, setStage } from './scene.ts';
import { rollBack } from './scenes/going-back.ts';
import { promote } from './scenes/promoting.ts';
import { createChanged } from './scenes/taking.ts';
import { stateOf } from './state.ts';

// The real adapters, of which one call fails: before it did anything, or after it did everything. No system call need fail for
// that: a program that was told "failed" of what was done must not make it undone, nor do it twice.

const faults = vi.hoisted((): PortFaults => ({ calls: [], failing: undefined }));

vi.mock('../../src/git/git-store.ts', async (load) => {
  const real = await load<typeof import('../../src/git/git-store.ts')>();
  const openGitStore: typeof real.openGitStore = (...args) => failingStore(real.openGitStore(...args), faults);
  return { ...real, openGitStore };
});
vi.mock('../../src/workdir/replace/directory-replacer.ts', async (load) => {
  const real = await load<typeof import('../../src/workdir/replace/directory-replacer.ts')>();
  const openDirectoryReplacer: typeof real.openDirectoryReplacer = (...args) =>
    failingReplacer(real.openDirectoryReplacer(...args), faults);
  return { ...real, openDirectoryReplacer };
});

/** FAULTS=all tries each call; otherwise so many of each command, evenly spread. */
const AT_MOST = process.env['FAULTS'] === 'all' ? Number.POSITIVE_INFINITY : 4;

const scratch = mkdtempSync(join(tmpdir(), 'git-snapshot-ports-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function runHere({ words: [program, ...args] }: Scene, { repo, env }: Stage, failing?: PortFaults['failing']) {
  faults.calls.length = 0;
  faults.failing = failing;
  try {
    return await runCli(args, {
      program: program === 'rollback' ? 'git-rollback' : 'git-snapshot',
      cwd: repo.dir,
      env: { ...(process.env as Record<string, string>), ...env },
      nowMs: Date.now,
    });
  } finally {
    faults.failing = undefined;
  }
}

test.each([
  ['create', createChanged],
  ['rollback', rollBack],
  ['promote', promote],
] as const)('%s, with each call that writes failing', { timeout: 3_600_000 }, async (name, build) => {
  const scene = await build();
  const dir = join(scratch, name);
  const template = pack(scene, join(dir, 'template'));
  const after = setStage(template, join(dir, 'after'));
  const whole = await runHere(scene, after);
  expect(whole.code, whole.stderr).toBe(0);
  const states = { old: stateOf(setStage(template, join(dir, 'before'))), new: stateOf(after) };
  const all = faults.calls.flatMap((call, index) =>
    (['before', 'after'] as const).map((when) => ({ call, index, when })),
  );
  expect(all.length).toBeGreaterThan(5);
  const left: Record<string, number> = {};
  for (const [k, { call, index, when }] of spread(all, AT_MOST).entries()) {
    const stage = setStage(template, join(dir, `run-${k}`));
    const ended = await runHere(scene, stage, { index, when });
    const way = k % 2 === 0 ? '--continue' : '--abort';
    const what = `failing ${when} ${call} ${index} (${way})`;
    const outcome = await judge({ what, scene, states, stage, way, isKilled: false, ended });
    left[outcome.left] = (left[outcome.left] ?? 0) + 1;
    rmSync(stage.dir, { recursive: true });
  }
  process.stderr.write(`${name}: ${all.length} failures of ports, ${AT_MOST} at most tried: ${JSON.stringify(left)}\n`);
});
