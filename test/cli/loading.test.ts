import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

test('a list loads what every command loads, and nothing else', async () => {
  const { script } = await programs();
  const { dir } = tempRepo();
  const snapshot = (node: string[], ...words: string[]) =>
    execFileSync(process.execPath, [...node, script('git-snapshot'), ...words], { cwd: dir, stdio: 'ignore' });
  mkdirSync(join(dir, 'artifacts'));
  writeFileSync(join(dir, 'artifacts/model.bin'), 'one');
  snapshot([], 'init', '--yes');
  snapshot([], 'create', '-m', 'First');
  const scratch = tempDir();
  const loaded = join(scratch, 'loaded');
  const spy = join(scratch, 'spy.cjs');
  writeFileSync(
    spy,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(loaded)}, Object.keys(require.cache).join('\\n')));\n`,
  );
  snapshot(['-r', spy], 'list');
  const files = readFileSync(loaded, 'utf8')
    .split('\n')
    .map((file) => basename(file).replace(/-[\w-]{8}\.cjs$/, '.cjs'));
  expect(files.filter((file) => file !== 'spy.cjs').sort()).toEqual([
    'base.cjs',
    'git-snapshot.js',
    'main.cjs',
    'rolldown-runtime.cjs',
  ]);
});
