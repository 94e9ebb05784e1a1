import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { person } from '../../support/people.ts';
import { governedRefs, people, take } from './clones.ts';

/* What comes of "init" in a clone whose remote has a policy already. */

const NOWHERE = '/nowhere/at/all';

test('a policy beside that of the remote is refused, and nothing is made', async () => {
  const { server } = await people(['ben']);
  const cleo = await person('cleo');
  cleo.git('remote', 'add', 'origin', server.dir);
  const { stderr } = await cleo.expect(5, ['snapshot', 'init', '--yes']);
  expect(stderr).toContain("'origin' has a snapshot policy already");
  expect(stderr).toContain('git snapshot fetch origin');
  expect(governedRefs(cleo)).toBe('');
});

test('a remote without one, and one that cannot be asked, are in nobody’s way', async () => {
  const cleo = await person('cleo');
  cleo.git('remote', 'add', 'origin', NOWHERE);
  const { stderr } = await cleo.expect(0, ['snapshot', 'init', '--yes']);
  expect(stderr.match(/^warning: it is not known whether 'origin' has a snapshot policy already: .*$/gm)).toHaveLength(
    1,
  );
  const dora = await person('dora');
  dora.git('remote', 'add', 'origin', cleo.dir);
  cleo.git('update-ref', '-d', 'refs/snapshot-policy/current');
  expect((await dora.expect(0, ['snapshot', 'init', '--yes'])).stderr).not.toContain('warning');
});

test('the way back that is written down leads to the policy of the remote, and keeps what was made', async () => {
  const { ada, server, root } = await people(['ben']);
  await take(ada, 'theirs');
  await ada.ok('snapshot', 'push');
  const cleo = await person('cleo');
  cleo.git('remote', 'add', 'origin', NOWHERE);
  await cleo.ok('snapshot', 'init', '--yes');
  await cleo.ok('snapshot', 'hooks', 'install');
  writeFileSync(join(cleo.root, 'weights'), 'of her own');
  await cleo.ok('snapshot', '-m', 'one');
  const own = governedRefs(cleo);
  cleo.git('remote', 'set-url', 'origin', server.dir);
  const { stderr } = await cleo.expect(6, ['snapshot', 'fetch']);
  expect(stderr).toContain('of another repository than before');
  expect(stderr).toContain('docs/sharing.md');

  await runWayBack(cleo.dir);
  await cleo.ok('snapshot', 'trust', 'pin', root);
  await cleo.ok('snapshot', 'fetch');
  expect(governedRefs(cleo)).toBe(server.refs());
  await cleo.ok('snapshot', 'log', '--verify');
  const kept = cleo.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/snapshot-dropped/own-init');
  expect(kept.replaceAll('refs/snapshot-dropped/own-init/', 'refs/').split('\n').sort()).toEqual(
    own.split('\n').sort(),
  );
  expect(readFileSync(join(cleo.root, 'weights'), 'utf8')).toBe('of her own');
});

/** The commands of docs/sharing.md that git and the shell do. */
async function runWayBack(cwd: string): Promise<void> {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/sharing.md'), 'utf8');
  const [, block = ''] = /### When init made a policy of its own\n.*?```sh\n(.*?)```/s.exec(text) ?? [];
  const lines = block.split('\n').filter((line) => !line.startsWith('git snapshot '));
  expect(lines.length).toBeGreaterThan(4);
  execFileSync('sh', ['-e', '-c', lines.join('\n')], { cwd, stdio: 'pipe' });
}
