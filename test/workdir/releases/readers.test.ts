import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DirectoryState } from '../../support/directory-state.ts';
import { releaseScene, switchTo } from '../../support/release-scene.ts';

const READERS = 2;
const SWITCHES = 40;
const FILES = 12;

/** Every file says which state it is of, and each state has a file of its own. */
function state(letter: 'a' | 'b'): DirectoryState {
  const files = Array.from({ length: FILES }, (_, n) => [`${n % 3}/deep/${n}`, { file: letter.repeat(1 + n) }]);
  return { ...Object.fromEntries(files), [`only-${letter}`]: { file: letter } };
}

// Enters the directory once, by the link, then reads all that is in it; until its input ends. Prints how often it saw
// each state, and everything that was neither.
const READER = `
const { readdirSync, readFileSync, statSync } = require('node:fs');
const seen = { a: 0, b: 0, wrong: [] };
let done = false;
process.stdin.on('end', () => { done = true; }).resume();
const look = () => {
  try {
    process.chdir(process.argv[1]);
    const files = readdirSync('.', { recursive: true }).filter((name) => !statSync(name).isDirectory());
    const letters = new Set(files.map((name) => readFileSync(name, 'latin1')[0]));
    const [letter] = letters;
    const whole = letters.size === 1 && files.length === ${FILES + 1} && files.includes('only-' + letter);
    if (whole) seen[letter]++;
    else seen.wrong.push([...letters].join() + ' ' + files.length);
  } catch (error) {
    seen.wrong.push(error.message);
  }
  if (done) process.stdout.write(JSON.stringify(seen));
  else setImmediate(look);
};
look();
`;

it('shows whoever enters it one release or the other, whole, however often it is switched', {
  timeout: 120_000,
}, async () => {
  const scene = releaseScene(state('a'), SWITCHES + 2);
  // The first switch makes the link: only from then on is something always there.
  await switchTo(scene, state('b'), 'b');
  const readers = Array.from({ length: READERS }, () => {
    const child = spawn(process.execPath, ['-e', READER, scene.root], { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    return { child, ended: once(child, 'close').then(() => JSON.parse(text)) };
  });
  for (let n = 0; n < SWITCHES; n++) {
    await switchTo(scene, state(n % 2 === 0 ? 'a' : 'b'), `${n}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  for (const { child } of readers) child.stdin.end();
  const counts = await Promise.all(readers.map(({ ended }) => ended));
  for (const { wrong } of counts) expect(wrong).toEqual([]);
  const total = { a: 0, b: 0 };
  for (const { a, b } of counts) {
    total.a += a;
    total.b += b;
  }
  expect(Math.min(total.a, total.b)).toBeGreaterThan(0);
  process.stderr.write(`${SWITCHES} switches: read whole ${total.a} times in one state, ${total.b} in the other\n`);
});

it('would show a mix of an in-place change, which is what this test can see', { timeout: 60_000 }, async () => {
  const scene = releaseScene(state('a'));
  writeFileSync(join(scene.root, '0/deep/0'), 'b');
  const child = spawn(process.execPath, ['-e', READER, scene.root], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  child.stdin.end();
  await once(child, 'close');
  expect(JSON.parse(text).wrong).not.toEqual([]);
  scene.lock.release();
});
