import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveKeyFile } from '../../src/sign/key-file.ts';
import { listed, makeKey } from '../sign/craft.ts';
import { around, type GovernedRepo } from '../support/governed-repo.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

const DAY = 86_400;
const nowSec = Math.floor(Date.now() / 1000);

/** Somebody whose own key runs out so long from now. */
async function withKeyFor(leftSec: number | undefined): Promise<GovernedRepo & { readonly key: string }> {
  const home = tempDir();
  const madeAtSec = nowSec - DAY;
  const made = await makeKey(madeAtSec, leftSec === undefined ? {} : { keyExpirationTime: leftSec + DAY });
  const { key } = listed(made);
  await saveKeyFile(join(home, 'git-snapshot'), key, made.armor());
  const repo = around(tempRepo(), { XDG_CONFIG_HOME: home });
  mkdirSync(repo.root);
  await repo.ok('snapshot', 'init', '--yes');
  return { ...repo, key };
}

async function warnings(repo: GovernedRepo): Promise<string[]> {
  writeFileSync(join(repo.root, 'a.txt'), String(Math.random()));
  const { stderr } = await repo.expect(0, ['snapshot', 'create']);
  return stderr.split('\n').filter((line) => line.startsWith('warning:'));
}

async function listedExpiry(repo: GovernedRepo): Promise<(string | null)[]> {
  const keys = await repo.json<{ expires: string | null }[]>('snapshot', 'key', 'list');
  return keys.map(({ expires }) => expires);
}

test('whoever signs with a key that runs out within 30 days is told, and by when', async () => {
  const repo = await withKeyFor(10 * DAY + 3600);
  const at = new Date((nowSec + 10 * DAY + 3600) * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  expect(await warnings(repo)).toEqual([
    `warning: your key ${repo.key} runs out in 10 days, at ${at}: replace it in time with "git snapshot key rotate"`,
  ]);
  expect(await listedExpiry(repo)).toEqual([at]);
  expect(await repo.ok('snapshot', 'key', 'list')).toContain(` ${at.slice(0, 16).replace('T', ' ')} `);
});

test('a key that runs out later is shown, and nobody is told', async () => {
  const repo = await withKeyFor(31 * DAY);
  expect(await warnings(repo)).toEqual([]);
  expect(await listedExpiry(repo)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)]);
});

test('a key that does not run out never does', async () => {
  const repo = await withKeyFor(undefined);
  expect(await warnings(repo)).toEqual([]);
  expect(await listedExpiry(repo)).toEqual([null]);
  expect(await repo.ok('snapshot', 'key', 'list')).toContain('never');
});
