// Putting a directory back: in place, where a little differs, and where nothing is there.
import { join } from 'node:path';
import { compare } from '../compare.js';
import { gitCheckout } from '../git.js';
import { rollbackArgv } from '../ours.js';
import { changeOnePercent } from '../workloads.js';

/** With backup, journal and verification on our side. Every tool has a directory of its own, all changed alike. */
export async function rollbackInPlace(bench) {
  const place = await bench.place('W2');
  const { lab } = bench;
  await place.ensureOurs();
  const checkout = await gitCheckout(lab, { name: 'W2', project: place.project });
  await checkout.fill();
  const change = (directory) => (round) => changeOnePercent(directory, place.workload, round);
  const contenders = [
    { tool: 'ours', prepare: change(place.project.artifacts), command: place.project.command(rollbackArgv) },
    { tool: 'git read-tree + clean', prepare: change(checkout.directory), command: checkout.reset, target: 1.2 },
  ];
  for (const [name, tool] of restorers(place)) {
    await tool.ensure();
    const { command, restored } = tool.restoreInto(lab.directory('W2', `${name}-in-place`));
    await lab.run(command);
    contenders.push({ tool: name, foreign: true, target: 0.125, prepare: change(restored), command });
  }
  return compare(lab, { ...bench, name: 'rollback of 1 % W2', contenders });
}

/** git writes from the same objects and an index that is ready, and checks nothing. */
export async function rollbackIntoEmpty(bench, { on }) {
  const place = await bench.place(on);
  const { lab } = bench;
  await place.ensureOurs();
  const checkout = await gitCheckout(lab, { name: on, project: place.project });
  const contenders = [
    { tool: 'ours', prepare: () => place.project.empty(), command: place.project.command(rollbackArgv) },
    { tool: 'git checkout-index', prepare: () => checkout.empty(), command: checkout.checkOut, target: 1.1 },
  ];
  for (const [name, tool] of restorers(place)) {
    await tool.ensure();
    const target = join(lab.root, on, `${name}-empty`);
    contenders.push({
      tool: name,
      foreign: true,
      target: 0.5,
      prepare: () => lab.directory(on, `${name}-empty`),
      command: () => tool.restoreInto(target).command,
    });
  }
  const rows = await compare(lab, { ...bench, name: `rollback into empty ${on}`, slow: true, contenders });
  for (const name of ['checkout', 'restic-empty', 'borg-empty']) lab.directory(on, name);
  return rows;
}

function restorers({ others }) {
  return Object.entries(others).filter(([name]) => name !== 'ostree');
}
