import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { withApp } from '../../support/open-app.ts';
import type { Person } from '../../support/people.ts';
import { programs } from '../../support/programs.ts';
import { expectAgreement, people, share, take } from './clones.ts';

/** Runs a command of somebody to its end, while this process waits. */
async function meanwhile(one: Person): Promise<(...words: string[]) => void> {
  const script = (await programs()).script('git-snapshot');
  const env = { ...process.env, XDG_CONFIG_HOME: dirname(one.keyFile) };
  return (...words) => void execFileSync(process.execPath, [script, ...words], { cwd: one.dir, env, stdio: 'pipe' });
}

test('a snapshot that is taken while the log is put on top of another, and the other way round', async () => {
  const { ada, others, server } = await people(['ben']);
  const { ben } = others;
  const run = await meanwhile(ben);
  const env = { XDG_CONFIG_HOME: dirname(ben.keyFile) };
  await take(ada, 'one');
  await share(ada, 'push');
  await take(ben, 'two');

  // The log that the snapshot was to go on is replaced while its content is read.
  writeFileSync(join(ben.root, 'weights'), 'three');
  let asked = 0;
  const takeIt = await withApp(
    ben,
    (app) => app.create({ set: undefined, message: 'three', labels: [], force: true, dryRun: false }),
    {
      env,
      phase: () => {
        if (asked++ === 0) run('sync');
        return () => undefined;
      },
    },
  );
  expect(asked).toBeGreaterThan(0);
  expect(takeIt.outcome).toBe('created');
  await ben.ok('snapshot', 'log', '--verify');

  // One more is taken while own events are signed again.
  await take(ada, 'four');
  await share(ada, 'sync');
  writeFileSync(join(ben.root, 'weights'), 'five');
  let taken = false;
  const synced = await withApp(
    ben,
    (app) => app.share.push({ remote: undefined, dryRun: false, quick: false, drop: [] }),
    {
      env,
      phase: (title) => {
        if (title === 'Signing events again' && !taken) {
          taken = true;
          run('create', '--force', '-m', 'five');
        }
        return () => undefined;
      },
    },
  );
  expect(taken).toBe(true);
  expect(synced.rebased.map(({ description }) => description.replace(/^.*: /, ''))).toEqual(['three', 'five']);
  await share(ada, 'fetch');
  await expectAgreement(server, [ada, ben]);
  const told = await ada.ok('snapshot', 'log');
  for (const what of ['one', 'two', 'three', 'four', 'five']) expect(told).toContain(`: ${what}`);
});
