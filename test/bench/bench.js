// Measures this program against git and others that do such work. See docs/performance.md.
//
//   node test/bench/bench.js [--only NAME,…] [--scale full|small] [--runs N] [--dir DIR] [--json FILE]
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { deepVerify, manySnapshots } from './cases/checking.js';
import { planMany } from './cases/planning.js';
import { pruneMany } from './cases/pruning.js';
import { rollbackInPlace, rollbackIntoEmpty } from './cases/restoring.js';
import { firstSnapshot, littleChange, noChange } from './cases/taking.js';
import { openLab } from './lab.js';
import { missingTools } from './others.js';
import { placeMaker } from './place.js';
import { formatMemory, formatRows, memoryRows } from './table.js';

/** In this order: those on one directory follow one another from a pristine one to a changed one. */
const CASES = {
  'first-w1': (bench) => firstSnapshot(bench, { on: 'W1', ofGit: 0.35 }),
  'verify-w1': (bench) => deepVerify(bench, { on: 'W1' }),
  'empty-w1': (bench) => rollbackIntoEmpty(bench, { on: 'W1' }),
  'first-w2': (bench) => firstSnapshot(bench, { on: 'W2', ofGit: 0.35 }),
  'verify-w2': (bench) => deepVerify(bench, { on: 'W2' }),
  'empty-w2': (bench) => rollbackIntoEmpty(bench, { on: 'W2' }),
  'in-place-w2': rollbackInPlace,
  'none-w5': noChange,
  'little-w4': littleChange,
  many: manySnapshots,
  plan: planMany,
  prune: pruneMany,
  'first-w3': (bench) => firstSnapshot(bench, { on: 'W3', ofGit: 0.6 }),
  'verify-w3': (bench) => deepVerify(bench, { on: 'W3' }),
  'empty-w3': (bench) => rollbackIntoEmpty(bench, { on: 'W3' }),
};

const options = readOptions();
const lab = openLab(options.dir);
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => {
    lab.remove();
    process.exit(status);
  });
}
try {
  await measure();
} finally {
  spawnSync('gpgconf', ['--kill', 'all'], { stdio: 'ignore' });
  lab.remove();
}

async function measure() {
  const { scale, runs, only, json } = options;
  const say = (text) => process.stderr.write(`${text}\n`);
  for (const tool of missingTools(lab)) console.log(`skipped: ${tool} is not installed`);
  if (!lab.measuresMemory) console.log('skipped: memory, as there is no /usr/bin/time');
  const bench = { lab, scale, runs, say, place: placeMaker({ lab, scale, say }) };
  const machine = { cpu: cpus()[0].model, cores: availableParallelism(), node: process.version, loadBefore: loadavg() };
  const rows = [];
  for (const name of only) {
    say(name);
    rows.push(...(await CASES[name](bench)));
    machine.loadAfter = loadavg();
    // After each, so that a run that is cut short leaves what it has.
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ scale, runs, machine, rows }, null, 2)}\n`);
  }
  const memory = lab.measuresMemory ? memoryRows(rows, scale) : [];
  console.log(`\n${formatRows(rows)}\n`);
  if (memory.length > 0) console.log(`${formatMemory(memory)}\n`);
  const load = (values) => values.map((value) => value.toFixed(1)).join(' ');
  console.log(`${machine.cores} cores, node ${machine.node}, scale ${scale}, up to ${runs} runs`);
  console.log(`load before ${load(machine.loadBefore)}, after ${load(machine.loadAfter)}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: Object.keys(CASES).join(',') },
      scale: { type: 'string', default: 'full' },
      runs: { type: 'string' },
      dir: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
    },
  });
  const wanted = values.only.split(',');
  const runs = Number(values.runs ?? (values.scale === 'small' ? 1 : 5));
  const unknown = wanted.find((name) => !Object.hasOwn(CASES, name));
  if (unknown !== undefined) fail(`no case '${unknown}'; there are ${Object.keys(CASES).join(', ')}`);
  if (!['full', 'small'].includes(values.scale)) fail("--scale is 'full' or 'small'");
  if (!Number.isInteger(runs) || runs < 1) fail('--runs is a whole number from 1');
  return { ...values, runs, only: Object.keys(CASES).filter((name) => wanted.includes(name)) };
}

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(2);
}
