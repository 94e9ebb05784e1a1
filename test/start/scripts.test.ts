import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { Scripts, sealCode } from '../../src/start/scripts.ts';
import { tempDir } from '../support/temp-repo.ts';
import { builtScript } from '../support/worker-file.ts';

let dir: string;
let compiled: string;
let built: string;

beforeAll(async () => {
  built = await builtScript(join(import.meta.dirname, '../../src/start/scripts.ts'));
});

beforeEach(() => {
  dir = tempDir();
  compiled = join(dir, 'compiled');
  mkdirSync(compiled);
});

function write(name: string, text: string): void {
  writeFileSync(join(dir, name), text);
}

/** Loads a script in a process of its own, which remembers nothing that V8 has compiled, and calls the function that it exports. */
function run(name: string, { keep = false } = {}): { readonly gives: unknown; readonly taken: readonly string[] } {
  const program = `
    const { Scripts, sealCode } = require(${JSON.stringify(built)});
    const scripts = new Scripts(${JSON.stringify(dir)}, ${JSON.stringify(compiled)});
    const gives = scripts.load(${JSON.stringify(name)})();
    const { writeFileSync } = require('node:fs');
    if (${keep}) for (const [name, code] of scripts.compile()) writeFileSync(${JSON.stringify(`${compiled}/`)} + name, sealCode(code));
    console.log(JSON.stringify({ gives, taken: scripts.taken }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
}

function compile(name: string): void {
  run(name, { keep: true });
}

test('scripts are CommonJS modules: they need one another, in circles too, and are run once', () => {
  write('a.cjs', `exports.name = 'a'; exports.b = require('./b.cjs'); exports.count = require('./c.cjs');`);
  write('b.cjs', `exports.seen = require('./a.cjs').name; exports.count = require('./c.cjs');`);
  write('c.cjs', `module.exports = { times: (globalThis.timesRun = (globalThis.timesRun ?? 0) + 1) };`);
  const scripts = new Scripts(dir, compiled);
  expect(scripts.load('a.cjs')).toEqual({ name: 'a', b: { seen: 'a', count: { times: 1 } }, count: { times: 1 } });
  expect(scripts.load('a.cjs')).toBe(scripts.load('a.cjs'));
});

test('they are told where they are, and have the modules of node and no others', () => {
  write(
    'a.cjs',
    `module.exports = [__filename, __dirname, require('node:path') === process.getBuiltinModule('path'), () => require('supports-color')];`,
  );
  const [file, directory, isPath, other] = new Scripts(dir, compiled).load('a.cjs') as [
    string,
    string,
    boolean,
    () => void,
  ];
  expect([file, directory, isPath]).toEqual([join(dir, 'a.cjs'), dir, true]);
  expect(other).toThrow(expect.objectContaining({ code: 'MODULE_NOT_FOUND' }));
});

test('compiled code is taken, and does the same', () => {
  write('a.cjs', `const b = require('./b.cjs'); module.exports = () => 'a' + b();`);
  write('b.cjs', `module.exports = () => 'b';`);
  expect(run('a.cjs')).toEqual({ gives: 'ab', taken: [] });
  compile('a.cjs');
  expect(run('a.cjs')).toEqual({ gives: 'ab', taken: ['a.cjs', 'b.cjs'] });
});

test('of a script that was changed since, what it is now counts, of whatever length it is', () => {
  write('a.cjs', `module.exports = () => 'one';`);
  compile('a.cjs');
  write('a.cjs', `module.exports = () => 'two';`);
  const soon = new Date(Date.now() + 2000);
  utimesSync(join(dir, 'a.cjs'), soon, soon);
  expect(run('a.cjs')).toEqual({ gives: 'two', taken: [] });
  // As after a build, of which the compiled code is the last.
  write('a.cjs', `module.exports = () => 'three';`);
  utimesSync(join(compiled, 'a.cjs'), soon, soon);
  expect(run('a.cjs')).toEqual({ gives: 'three', taken: [] });
});

test('what is no compiled code, or was cut short, or is of another V8, is not taken', () => {
  write('a.cjs', `module.exports = () => 'one';`);
  compile('a.cjs');
  const good = readFileSync(join(compiled, 'a.cjs'));
  const otherVersion = Buffer.from(good.subarray(0, -4));
  otherVersion.writeUInt32LE((good.readUInt32LE(4) ^ 1) >>> 0, 4);
  const bad = [
    Buffer.alloc(0),
    Buffer.from('module.exports'),
    good.subarray(0, -1),
    Buffer.alloc(good.length),
    sealCode(otherVersion),
    sealCode(Buffer.alloc(good.length)),
    sealCode(Buffer.alloc(0)),
    ...[256, 512].map((at) => Buffer.from(good).fill(0, good.length - at)),
    Buffer.from(good).fill(0xff, 64, 64 + 512),
  ];
  for (const content of bad) {
    writeFileSync(join(compiled, 'a.cjs'), content);
    expect(run('a.cjs')).toEqual({ gives: 'one', taken: [] });
  }
  writeFileSync(join(compiled, 'a.cjs'), good);
  expect(run('a.cjs')).toEqual({ gives: 'one', taken: ['a.cjs'] });
});

test('what is there and cannot be read is as if it were not', () => {
  write('a.cjs', `module.exports = () => 'one';`);
  const link = join(dir, 'link');
  symlinkSync('link', link);
  for (const place of [join(dir, 'not-there'), join(dir, 'a.cjs'), link, join(dir, 'a.cjs/below')]) {
    expect((new Scripts(dir, place).load('a.cjs') as () => unknown)()).toBe('one');
  }
  const file = join(compiled, 'a.cjs');
  const odd = [
    () => mkdirSync(file),
    () => symlinkSync('a.cjs', file),
    () => execFileSync('mkfifo', [file]),
    () => symlinkSync('/dev/zero', file),
  ];
  for (const make of odd) {
    make();
    expect(run('a.cjs')).toEqual({ gives: 'one', taken: [] });
    rmSync(file, { recursive: true });
  }
});
