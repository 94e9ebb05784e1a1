// Taking snapshots: the first, one of a directory that did not change, one of a directory that changed a little.
import { compare } from '../compare.js';
import { createArgv } from '../ours.js';
import { changeOnePercent } from '../workloads.js';

/** Of a fresh repository each time. */
export async function firstSnapshot(bench, { on, ofGit }) {
  const place = await bench.place(on);
  return compare(bench.lab, {
    ...bench,
    name: `first snapshot ${on}`,
    slow: true,
    contenders: [
      { tool: 'ours', prepare: () => place.forgetOurs(), command: place.project.command(createArgv) },
      { tool: 'git add', prepare: () => place.forgetGit(), command: place.git.command, target: ofGit },
      ...foreign(place, { target: 1, prepare: (tool) => tool.forget() }),
    ],
  });
}

/** Of the directory that the newest snapshot was taken of. */
export async function noChange(bench) {
  const place = await bench.place('W2');
  await place.ensureAll();
  // What a rollback wrote meanwhile is new to every tool's cache of stats. Each may fill its own, untimed.
  await bench.lab.run(place.project.command([...createArgv, '--force']));
  await bench.lab.run(place.git.command);
  for (const tool of Object.values(place.others)) await bench.lab.run(tool.nextSnapshot());
  return compare(bench.lab, {
    ...bench,
    name: 'no change W5',
    contenders: [
      { tool: 'ours', command: place.project.command(createArgv) },
      { tool: 'git add', command: place.git.command, target: 1.3 },
      ...foreign(place, { target: 0.1 }),
    ],
  });
}

/** Of the directory with another hundredth of its files changed each time; ours is signed and written to the log. */
export async function littleChange(bench) {
  const place = await bench.place('W2');
  await place.ensureAll();
  return compare(bench.lab, {
    ...bench,
    name: '1 % change W4',
    before: (round) => changeOnePercent(place.project.artifacts, place.workload, round),
    contenders: [
      { tool: 'ours', command: place.project.command(createArgv) },
      { tool: 'git add', command: place.git.command, target: 0.9 },
      ...foreign(place, { target: 0.2 }),
    ],
  });
}

function foreign({ others }, { target, prepare }) {
  return Object.entries(others).map(([name, tool]) => ({
    tool: name,
    foreign: true,
    target,
    prepare: prepare === undefined ? undefined : () => prepare(tool),
    command: () => tool.nextSnapshot(),
  }));
}
