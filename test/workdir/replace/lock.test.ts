import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { expect, it } from 'vitest';
import { takeLock } from '../../../src/workdir/replace/lock.ts';
import { tempDir } from '../../support/temp-repo.ts';

it('is held by one at a time, and given back', () => {
  const dir = tempDir();
  const release = takeLock(`${dir}/set.lock`, 'set');
  expect(() => takeLock(`${dir}/set.lock`, 'set')).toThrow(
    `another git-snapshot (pid ${process.pid}) is working on set 'set'`,
  );
  release();
  release();
  takeLock(`${dir}/set.lock`, 'set')();
  expect(readdirSync(dir)).toEqual([]);
});

it('does not give back a lock that another process has taken since', () => {
  const dir = tempDir();
  const release = takeLock(`${dir}/set.lock`, 'set');
  const other = readFileSync(`${dir}/set.lock`, 'utf8').replace(/"nonce":"[0-9a-f]+"/, '"nonce":"0000000000000000"');
  writeFileSync(`${dir}/set.lock`, other);
  release();
  expect(existsSync(`${dir}/set.lock`)).toBe(true);
});

function forged(dir: string, changes: object): void {
  const release = takeLock(`${dir}/set.lock`, 'set');
  const mine = JSON.parse(readFileSync(`${dir}/set.lock`, 'utf8'));
  release();
  writeFileSync(`${dir}/set.lock`, JSON.stringify({ ...mine, nonce: 'aaaaaaaaaaaaaaaa', ...changes }));
}

it.each([
  ['is dead', { pid: spawnSync('true').pid }],
  ['had the number that is now ours', { start: '1' }],
  ['ran before the system was started anew', { boot: 'another' }],
])('is taken over from a process that %s', (_, changes) => {
  const dir = tempDir();
  forged(dir, changes);
  takeLock(`${dir}/set.lock`, 'set')();
  expect(readdirSync(dir)).toEqual([]);
});

it.each([
  ['on another machine', { host: 'elsewhere', pid: 2 ** 22 }],
  ['in another container', { namespace: 'pid:[1]', pid: 2 ** 22 }],
])('is not taken over from a process %s', (_, changes) => {
  const dir = tempDir();
  forged(dir, changes);
  expect(() => takeLock(`${dir}/set.lock`, 'set')).toThrow(/is working on set 'set'/);
});

it.each([
  ['its holder may be another process by now', { start: '' }],
  ['its holder is in another container', { namespace: 'pid:[1]' }],
])('is to be removed by hand where %s', (_, changes) => {
  const dir = tempDir();
  forged(dir, changes);
  expect(() => takeLock(`${dir}/set.lock`, 'set')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining(`remove '${dir}/set.lock'`) }),
  );
});

it('is taken over even if one died while it took it over', () => {
  const dir = tempDir();
  const pid = spawnSync('true').pid;
  forged(dir, { pid });
  const dead = JSON.parse(readFileSync(`${dir}/set.lock`, 'utf8'));
  writeFileSync(`${dir}/set.lock.aaaaaaaaaaaaaaaa.break`, JSON.stringify({ ...dead, nonce: 'bbbbbbbbbbbbbbbb' }));
  writeFileSync(`${dir}/set.lock.bbbbbbbbbbbbbbbb.break`, JSON.stringify({ ...dead, nonce: 'cccccccccccccccc' }));
  writeFileSync(`${dir}/set.lock.dddddddddddddddd`, '');
  takeLock(`${dir}/set.lock`, 'set')();
  expect(readdirSync(dir)).toEqual([]);
});

it('is never held by two of many that find it stale at once', async () => {
  const dir = tempDir();
  const program = join(dir, 'contender.cjs');
  const bundle = await rolldown({ input: join(import.meta.dirname, 'lock-contender.ts'), platform: 'node' });
  await bundle.write({ file: program, format: 'cjs' });
  const args = [join(dir, 'set.lock'), join(dir, 'inside')];
  const run = () =>
    new Promise<string>((resolve) => {
      const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.on('close', () => resolve(out));
    });
  const told = (await Promise.all(Array.from({ length: 6 }, run))).join('');
  expect(told).not.toContain('two');
  expect(told.match(/had/g)?.length).toBe(6 * 30);
});
