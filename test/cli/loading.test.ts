import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { programs } from '../support/programs.ts';
import { tempDir, tempRepo } from '../support/temp-repo.ts';

test('a list loads what every command loads, and more only where it is to read what it does not remember', async () => {
  const { script } = await programs();
  const { dir } = tempRepo();
  const scratch = tempDir();
  const loaded = join(scratch, 'loaded');
  const spy = join(scratch, 'spy.cjs');
  writeFileSync(
    spy,
    `const fs = require('node:fs'), { readFileSync } = fs, read = new Set();
    fs.readFileSync = (file, ...rest) => (read.add(String(file)), readFileSync(file, ...rest));
    process.on('exit', () => fs.writeFileSync(${JSON.stringify(loaded)}, [...read].join('\\n')));\n`,
  );
  const snapshot = (node: string[], ...words: string[]) =>
    execFileSync(process.execPath, [...node, script('git-snapshot'), ...words], { cwd: dir, stdio: 'ignore' });
  const loadedBy = (...words: string[]) => {
    snapshot(['-r', spy], ...words);
    return readFileSync(loaded, 'utf8')
      .split('\n')
      .filter((file) => file.includes('/dist/cli/'))
      .map((file) => basename(file).replace(/-[\w-]{8}\.cjs$/, '.cjs'))
      .sort();
  };
  const always = ['base.cjs', 'rolldown-runtime.cjs'];
  mkdirSync(join(dir, 'artifacts'));
  writeFileSync(join(dir, 'artifacts/model.bin'), 'one');
  snapshot([], 'init', '--yes');
  expect(loadedBy('list')).toEqual(always);
  snapshot([], 'create', '-m', 'First');
  expect(loadedBy('list')).toEqual([...always, 'usual.cjs']);
});
