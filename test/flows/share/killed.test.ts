import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGitHttpServer } from '../../support/git-http-server.ts';
import { fsck } from '../../support/governed-repo.ts';
import type { Person } from '../../support/people.ts';
import { programs } from '../../support/programs.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { expectAgreement, governedRefs, people, share, take } from './clones.ts';

/** A hook that kills a process group, once, when the log moves: the one whose number is in the file of its name and phase. */
function killingHook(gitDir: string, { name, orders }: { name: string; orders: string }): void {
  const script = `#!/bin/sh
order="${orders}/${name}\${1:+-$1}"
test -f "$order" && grep -q " refs/notes/snapshots$" || exit 0
group=$(cat "$order") && rm "$order" && kill -s KILL -- "-$group"
exit 0
`;
  writeFileSync(join(gitDir, 'hooks', name), script, { mode: 0o755 });
}

/** Runs `sync` of a person, to be killed by the hook that takes the order. */
async function killedSync(one: Person, order: string): Promise<void> {
  const script = (await programs()).script('git-snapshot');
  const child = spawn(process.execPath, [script, 'sync'], {
    cwd: one.dir,
    env: { ...process.env, XDG_CONFIG_HOME: dirname(one.keyFile) },
    stdio: 'ignore',
    detached: true,
  });
  writeFileSync(order, String(child.pid));
  const [, signal] = await once(child, 'exit');
  expect(signal, order).toBe('SIGKILL');
  expect(existsSync(order)).toBe(false);
}

test('whatever a sync is killed at, nothing is half done, and the next one goes on', async () => {
  const { ada, others, server } = await people(['ben']);
  const { ben } = others;
  server.git('config', 'http.receivepack', 'true');
  const http = await startGitHttpServer(dirname(server.dir));
  onTestFinished(() => http.close());
  // The server lives on.
  ben.git('remote', 'set-url', 'origin', `${http.url}/${server.dir.split('/').at(-1)}`);
  const [there, here] = [tempDir(), tempDir()];
  for (const name of ['reference-transaction', 'post-receive']) killingHook(server.dir, { name, orders: there });
  killingHook(join(ben.dir, '.git'), { name: 'reference-transaction', orders: here });
  for (const [place, phase] of [
    [here, 'reference-transaction-committed'],
    [there, 'reference-transaction-prepared'],
    [there, 'reference-transaction-committed'],
    [there, 'post-receive'],
  ] as const) {
    await take(ada, `of ada at ${phase}`);
    await share(ada, 'sync');
    await take(ben, `of ben at ${phase}`);
    const before = server.refs();
    await killedSync(ben, join(place, phase));
    await ben.expect(0, ['snapshot', 'log', '--verify']);
    await share(ada, 'fetch');
    // Nothing, or all that ben has.
    expect([before, governedRefs(ben)], phase).toContain(governedRefs(ada));
    await share(ben, 'sync');
    await expectAgreement(server, [ben]);
  }
  await share(ada, 'sync');
  await expectAgreement(server, [ada, ben]);
  expect(fsck(server.dir)).toBe('');
});
