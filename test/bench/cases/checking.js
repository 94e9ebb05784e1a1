// Verifying and listing.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from '../compare.js';
import { listArgv, mintProject, quickVerifyArgv, verifyArgv } from '../ours.js';

const SAMPLE = 100;

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

/** Many snapshots, signed with a key of ours, and with one of SSH. */
export async function manySnapshots(bench) {
  const { lab, say, scale } = bench;
  const rows = [];
  for (const { count, list } of scale === 'full' ? FULL : SMALL) {
    say(`minting ${count} snapshots`);
    const project = await mintProject(lab, `many-${count}`, { count });
    await importKeys(lab, project);
    rows.push(...(await checkMany(bench, { project, count, kind: 'OpenPGP' })));
    rows.push(...(await listMany(bench, { project, count, list })));
  }
  const count = scale === 'full' ? 10_000 : 50;
  say(`minting ${count} snapshots signed with SSH`);
  const project = await mintProject(lab, 'many-ssh', { count, signing: await sshSigning(lab) });
  return [...rows, ...(await checkMany(bench, { project, count, kind: 'SSH' }))];
}

const FULL = [
  { count: 1000, list: 1.6 },
  { count: 10_000, list: 3 },
];
const SMALL = [{ count: 50, list: 1.6 }];

async function checkMany(bench, { project, count, kind }) {
  const { lab } = bench;
  const { stdout } = await lab.run(
    project.command(['git', 'for-each-ref', `--count=${SAMPLE}`, '--format=%(refname)', 'refs/snapshots/']),
    { capture: true },
  );
  const tags = stdout.trim().split('\n');
  const shown = count.toLocaleString('en');
  const verify = project.command(quickVerifyArgv);
  // What a clone has verified of the log once is not verified again.
  await lab.run(verify);
  return compare(lab, {
    ...bench,
    name: `quick verify of ${shown} (${kind}), each`,
    contenders: [
      { tool: 'ours', command: verify, per: count },
      {
        tool: `git verify-tag of ${tags.length}`,
        command: project.command(['git', 'verify-tag', ...tags]),
        per: tags.length,
        target: 0.05,
      },
    ],
  });
}

async function listMany(bench, { project, count, list }) {
  return compare(bench.lab, {
    ...bench,
    name: `list of ${count.toLocaleString('en')}`,
    contenders: [
      { tool: 'ours', command: project.command(listArgv) },
      { tool: 'node -e 0', command: { argv: [process.execPath, '-e', '0'] }, target: list },
    ],
  });
}

/** A new key, and git set up to sign with it and to believe it. */
async function sshSigning(lab) {
  const file = join(lab.directory('ssh'), 'id_ed25519');
  await lab.run({ argv: ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file] });
  const allowed = join(lab.root, 'ssh', 'allowed');
  writeFileSync(allowed, `ada@example.org ${readFileSync(`${file}.pub`, 'utf8')}`);
  return { 'gpg.format': 'ssh', 'user.signingkey': `${file}.pub`, 'gpg.ssh.allowedSignersFile': allowed };
}

/** `git verify-tag` asks gpg, which must know the key. */
async function importKeys(lab, project) {
  const keys = 'git ls-tree --name-only refs/snapshot-policy/current keys/';
  const script = `${keys} | while read -r key; do git show "refs/snapshot-policy/current:$key"; done | gpg --quiet --import`;
  await lab.run(project.command(['sh', '-c', script]));
}
