import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forgetOldEvents, readMemory, writeMemory } from '../../src/sign/trust-memory.ts';
import { fuzzRuns, mutated } from '../core/arbitraries.ts';
import { tempDir } from '../support/temp-repo.ts';

const CLONE = { repository: 'a'.repeat(64), clone: 'b'.repeat(32) };
const VALUE = { root: 'sha256:x', log: { seq: 4, oid: 'c'.repeat(40), skipped: [] } };

test('what is remembered counts as absent once it is changed, however little', async () => {
  const name = { configDir: tempDir(), ...CLONE };
  await writeMemory(name, VALUE);
  const file = join(name.configDir, 'seen', CLONE.repository, CLONE.clone);
  const text = readFileSync(file, 'latin1');
  expect(await readMemory(name)).toEqual(VALUE);
  await fc.assert(
    fc.asyncProperty(mutated(text), async (changed) => {
      writeFileSync(file, changed, 'latin1');
      // The first line is hexadecimal, which has two spellings: the value is the same.
      expect([undefined, JSON.stringify(VALUE)]).toContain(JSON.stringify(await readMemory(name)));
    }),
    fuzzRuns(500),
  );
});

test('what is remembered of one clone is nothing to another, or to another user', async () => {
  const name = { configDir: tempDir(), ...CLONE };
  await writeMemory(name, VALUE);
  const text = readFileSync(join(name.configDir, 'seen', CLONE.repository, CLONE.clone));
  const others = [
    { ...name, clone: 'd'.repeat(32) },
    { ...name, repository: 'd'.repeat(64) },
    { ...name, configDir: tempDir() },
  ];
  for (const other of others) {
    await writeMemory(other, {});
    writeFileSync(join(other.configDir, 'seen', other.repository, other.clone), text);
    expect(await readMemory(other)).toBeUndefined();
  }
});

test('events that nobody wrote for 90 days are forgotten, and nothing else is', () => {
  const configDir = tempDir();
  const seen = join(configDir, 'seen', CLONE.repository);
  mkdirSync(seen, { recursive: true });
  const nowSec = 1_800_000_000;
  const file = (name: string, ageDays: number) => {
    writeFileSync(join(seen, name), '');
    utimesSync(join(seen, name), nowSec - ageDays * 86_400, nowSec - ageDays * 86_400);
  };
  const [old, other, lasting] = ['d', 'e', 'f'].map((digit) => digit.repeat(32));
  file(`${old}.events`, 91);
  file(`${old}`, 91);
  file(`${old}.events.0123456789ab.tmp`, 91);
  file(`${other}.events`, 89);
  file(`${other}.events.0123456789ab.tmp`, 0);
  file(`${lasting}.notes`, 400);
  forgetOldEvents({ configDir, nowMs: nowSec * 1000 });
  expect(readdirSync(seen).sort()).toEqual([
    old,
    `${other}.events`,
    `${other}.events.0123456789ab.tmp`,
    `${lasting}.notes`,
  ]);
  // Where nothing was ever remembered there is nothing to do.
  forgetOldEvents({ configDir: tempDir(), nowMs: nowSec * 1000 });
});
