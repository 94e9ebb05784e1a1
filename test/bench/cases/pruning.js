// Removing what is not to be kept.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from '../compare.js';
import { applyPruneArgv, mintProject, pruneArgv } from '../ours.js';

/** All but the last 20 to the trash, with their event, against git only moving the same refs and packing them. */
export async function pruneMany(bench) {
  const { lab, scale, say } = bench;
  const count = scale === 'full' ? 10_000 : 250;
  say(`minting ${count} snapshots`);
  const project = await mintProject(lab, 'prune', { count });
  const list = ['git', 'for-each-ref', '--format=%(objectname) %(refname:lstrip=3)', 'refs/snapshots/'];
  const { stdout } = await lab.run(project.command(list), { capture: true });
  const moves = stdout
    .trim()
    .split('\n')
    .slice(0, -20)
    .map((line) => line.split(' '))
    .map(
      ([tag, name]) => `delete refs/snapshots/artifacts/${name} ${tag}\ncreate refs/trash/artifacts/${name} ${tag}\n`,
    );
  const file = join(lab.root, 'prune', 'moves');
  writeFileSync(file, moves.join(''));
  return compare(lab, {
    ...bench,
    name: `prune --apply of ${moves.length.toLocaleString('en')}`,
    slow: true,
    contenders: [
      {
        tool: 'ours',
        prepare: async () => {
          project.forget();
          // As users do: they look at the plan first.
          await lab.run(project.command(pruneArgv));
        },
        command: project.command(applyPruneArgv),
      },
      {
        tool: 'git update-ref + pack-refs, not durable',
        prepare: () => project.forget(),
        command: project.command([
          'sh',
          '-c',
          `git -c core.fsync=none update-ref --stdin < '${file}' && git pack-refs --all`,
        ]),
      },
    ],
  });
}
