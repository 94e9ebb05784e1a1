// Verifying and listing.

import { fileURLToPath } from 'node:url';
import { compare } from '../compare.js';
import { listArgv, openProject, quickVerifyArgv, verifyArgv } from '../ours.js';

const mintProgram = fileURLToPath(new URL('../mint-snapshots.js', import.meta.url));
const SAMPLE = 25;

/** Every byte, against a program that does the same to the same pack and checks no signature. */
export async function deepVerify(bench, { on }) {
  const place = await bench.place(on);
  await place.ensureOurs();
  const contenders = [
    { tool: 'ours', command: place.project.command(verifyArgv) },
    { tool: 'git fsck --full', command: place.project.command(['git', 'fsck', '--full']), target: 0.6 },
  ];
  const { restic } = place.others;
  if (restic !== undefined) {
    await restic.ensure();
    contenders.push({ tool: 'restic check', foreign: true, target: 0.5, command: restic.check });
  }
  return compare(bench.lab, { ...bench, name: `deep verify ${on}`, slow: true, contenders });
}

/** Many snapshots of a directory of one small file, as they are after `git gc`. */
export async function manySnapshots(bench) {
  const { lab, say } = bench;
  const project = await openProject(lab, 'many');
  await importKeys(lab, project);
  const rows = [];
  let made = 0;
  for (const { count, list } of bench.scale === 'full' ? FULL : SMALL) {
    say(`taking ${count - made} snapshots`);
    const { ms } = await lab.run(
      project.command([process.execPath, mintProgram, project.root, String(made), String(count)]),
    );
    say(`  took ${Math.round(ms / 1000)} s`);
    made = count;
    await lab.run(project.command(['git', 'gc', '-q']));
    rows.push(...(await checkMany(bench, { project, count, list })));
  }
  return rows;
}

const FULL = [
  { count: 1000, list: 1.6 },
  { count: 2000, list: 3 },
];
const SMALL = [{ count: 50, list: 1.6 }];

async function checkMany(bench, { project, count, list }) {
  const { lab } = bench;
  const { stdout } = await lab.run(
    project.command(['git', 'for-each-ref', `--count=${SAMPLE}`, '--format=%(refname)', 'refs/snapshots/']),
    { capture: true },
  );
  const tags = stdout.trim().split('\n');
  const shown = count.toLocaleString('en');
  return [
    ...(await compare(lab, {
      ...bench,
      name: `quick verify of ${shown}, each`,
      contenders: [
        { tool: 'ours', command: project.command(quickVerifyArgv), per: count },
        {
          tool: `git verify-tag of ${tags.length}`,
          command: project.command(['git', 'verify-tag', ...tags]),
          per: tags.length,
          target: 0.05,
        },
      ],
    })),
    ...(await compare(lab, {
      ...bench,
      name: `list of ${shown}`,
      contenders: [
        { tool: 'ours', command: project.command(listArgv) },
        { tool: 'node -e 0', command: { argv: [process.execPath, '-e', '0'] }, target: list },
      ],
    })),
  ];
}

/** `git verify-tag` asks gpg, which must know the key. */
async function importKeys(lab, project) {
  const keys = 'git ls-tree --name-only refs/snapshot-policy/current keys/';
  const script = `${keys} | while read -r key; do git show "refs/snapshot-policy/current:$key"; done | gpg --quiet --import`;
  await lab.run(project.command(['sh', '-c', script]));
}
