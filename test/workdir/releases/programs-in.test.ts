import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { programsIn } from '../../../src/workdir/releases/programs-in.ts';
import { tempDir } from '../../support/temp-repo.ts';

const RELEASE = '.artifacts.releases/000001-was';
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    const ended = once(child, 'close');
    child.stdin?.end();
    await ended;
  }
});

/** Two releases, of which the second is live and has the log of the first. */
function scene() {
  const dir = tempDir();
  const [old, live] = [join(dir, RELEASE), join(dir, '.artifacts.releases/000002-next')];
  for (const release of [old, live]) {
    mkdirSync(join(release, 'sub'), { recursive: true });
    writeFileSync(join(release, 'sub/file'), 'x');
  }
  writeFileSync(join(old, 'log'), 'x');
  linkSync(join(old, 'log'), join(live, 'log'));
  return { dir, old, live };
}

/** A program that does this, says so, and is there until its input ends. */
function start(code: string, cwd = '/'): Promise<string> {
  const script = `const fs = require('node:fs'); ${code}; process.stdout.write('.'); process.stdin.resume();`;
  return startProgram(process.execPath, ['-e', script], cwd);
}

async function startProgram(program: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  await once(child.stdout, 'data');
  return `${readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim()} (${child.pid})`;
}

/** Node cannot map a file into memory. */
const MAP = `import mmap, os, sys
file = open(sys.argv[1], 'r+b')
map = mmap.mmap(file.fileno(), 0, access=getattr(mmap, sys.argv[2]))
os.closerange(3, 99)
print('.', flush=True)
sys.stdin.read()`;

const opening = (path: string, flags: string) => `fs.openSync(${JSON.stringify(path)}, ${JSON.stringify(flags)})`;

describe.runIf(process.platform === 'linux')('programs at work in a release', () => {
  it('are those that are in it, and those that have something open there to write to', async () => {
    const { old, live } = scene();
    expect(programsIn(old, live)).toEqual([]);
    const inTop = await start('', old);
    const inSub = await start(`process.chdir(${JSON.stringify(join(old, 'sub'))})`);
    const listing = await start(opening(join(old, 'sub'), 'r'));
    const writing = await start(opening(join(old, 'sub/file'), 'a'));
    const changing = await start(opening(join(old, 'sub/file'), 'r+'));
    expect(programsIn(old, live).sort()).toEqual([inTop, inSub, listing, writing, changing].sort());
    expect(programsIn(live, live)).toEqual([]);
  });

  it('are not those that only read a file, that write a log which is live, or a file that is gone', async () => {
    const { dir, old, live } = scene();
    await start(opening(join(old, 'sub/file'), 'r'));
    await start(opening(join(old, 'log'), 'a'));
    await start(opening(join(old, 'new'), 'a'));
    rmSync(join(old, 'new'));
    await start('', dir);
    await start('', live);
    expect(programsIn(old, live)).toEqual([]);
    // Once the log is another one in the live release, its end is in the old one alone.
    rmSync(join(live, 'log'));
    expect(programsIn(old, live)).toHaveLength(1);
  });

  it('are found when the release gets another name, and not for one of the same name elsewhere', async () => {
    const { dir, old, live } = scene();
    const there = await start('', old);
    expect(programsIn(scene().old, live)).toEqual([]);
    renameSync(old, join(dir, '.artifacts.releases/other'));
    expect(programsIn(join(dir, '.artifacts.releases/other'), live)).toEqual([there]);
    expect(programsIn(old, live)).toEqual([]);
  });

  it('are those that have a file in memory, and write to it there', async () => {
    const { old, live } = scene();
    const file = join(old, 'sub/file');
    for (const access of ['ACCESS_READ', 'ACCESS_COPY']) await startProgram('python3', ['-c', MAP, file, access], '/');
    const writing = await startProgram('python3', ['-c', MAP, file, 'ACCESS_WRITE'], '/');
    await startProgram('python3', ['-c', MAP, join(old, 'log'), 'ACCESS_WRITE'], '/');
    expect(programsIn(old, live)).toEqual([writing]);
  });

  it('do not count this one', () => {
    const { old, live } = scene();
    const was = process.cwd();
    process.chdir(old);
    try {
      expect(programsIn(old, live)).toEqual([]);
    } finally {
      process.chdir(was);
    }
  });
});
