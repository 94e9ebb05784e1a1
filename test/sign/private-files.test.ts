import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyFilePath, listKeyFiles, loadKeyFile, saveKeyFile } from '../../src/sign/key-file.ts';
import { readTrustPin, trustPinPath, writeTrustPin } from '../../src/sign/trust-store.ts';
import { tempDir } from '../support/temp-repo.ts';
import { keyId } from './keys.ts';

const KEY = keyId('0123456789ABCDEF0123456789ABCDEF01234567');
const REPOSITORY = 'ab'.repeat(32);
const PIN = { policy: `sha256:${'0'.repeat(64)}`, pinnedAtSec: 1_750_000_000 };

describe('key files', () => {
  it('are kept where only their owner can read them', async () => {
    const configDir = join(tempDir(), 'config', 'git-snapshot');
    const path = await saveKeyFile(configDir, KEY, 'armor\n');
    expect(path).toBe(join(configDir, 'keys', '0123456789ABCDEF0123456789ABCDEF01234567.asc'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(path))).toHaveLength(1);
    expect(await loadKeyFile(configDir, KEY)).toBe('armor\n');
  });

  it('are never overwritten', async () => {
    const configDir = tempDir();
    await saveKeyFile(configDir, KEY, 'first\n');
    await expect(saveKeyFile(configDir, KEY, 'second\n')).rejects.toMatchObject({ kind: 'conflict' });
    expect(await loadKeyFile(configDir, KEY)).toBe('first\n');
    expect(readdirSync(join(configDir, 'keys'))).toHaveLength(1);
  });

  it.each([0o640, 0o604, 0o666])('are refused if others may read them: %o', async (mode) => {
    const configDir = tempDir();
    const path = await saveKeyFile(configDir, KEY, 'armor\n');
    chmodSync(path, mode);
    const hint = expect.stringContaining(`chmod 600 '${path}'`);
    await expect(loadKeyFile(configDir, KEY)).rejects.toMatchObject({ kind: 'config', hint });
  });

  it('are listed by name alone', async () => {
    const configDir = tempDir();
    expect(await listKeyFiles(configDir)).toEqual([]);
    await saveKeyFile(configDir, KEY, 'armor\n');
    for (const name of ['README', `${KEY.slice(8)}.asc.1.tmp`, 'abc.asc'])
      writeFileSync(join(configDir, 'keys', name), '');
    expect(await listKeyFiles(configDir)).toEqual([KEY]);
  });

  it('say so when they are missing, or no files', async () => {
    const configDir = tempDir();
    await expect(loadKeyFile(configDir, KEY)).rejects.toMatchObject({ kind: 'not-found', hint: expect.any(String) });
    mkdirSync(keyFilePath(configDir, KEY), { recursive: true });
    await expect(loadKeyFile(configDir, KEY)).rejects.toMatchObject({ kind: 'config' });
    const notADirectory = join(configDir, 'file');
    writeFileSync(notADirectory, '');
    await expect(saveKeyFile(notADirectory, KEY, 'armor\n')).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('not a directory'),
    });
    await expect(loadKeyFile(notADirectory, KEY)).rejects.toMatchObject({ kind: 'config' });
  });
});

describe('trust pins', () => {
  it('are read as they were written', async () => {
    const configDir = tempDir();
    expect(await readTrustPin(trustPinPath(configDir, REPOSITORY))).toBeUndefined();
    await writeTrustPin(trustPinPath(configDir, REPOSITORY), PIN);
    expect(await readTrustPin(trustPinPath(configDir, REPOSITORY))).toEqual(PIN);
    const later = { ...PIN, pinnedAtSec: PIN.pinnedAtSec + 1 };
    await writeTrustPin(trustPinPath(configDir, REPOSITORY), later);
    expect(await readTrustPin(trustPinPath(configDir, REPOSITORY))).toEqual(later);
    expect(statSync(trustPinPath(configDir, REPOSITORY)).mode & 0o777).toBe(0o600);
    expect(await readTrustPin(trustPinPath(configDir, 'cd'.repeat(32)))).toBeUndefined();
  });

  it('do not give way to another policy', async () => {
    const configDir = tempDir();
    await writeTrustPin(trustPinPath(configDir, REPOSITORY), PIN);
    const other = { ...PIN, policy: `sha256:${'1'.repeat(64)}` };
    await expect(writeTrustPin(trustPinPath(configDir, REPOSITORY), other)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await readTrustPin(trustPinPath(configDir, REPOSITORY))).toEqual(PIN);
  });

  it('are errors when they are damaged, never "nothing is pinned"', async () => {
    const configDir = tempDir();
    await writeTrustPin(trustPinPath(configDir, REPOSITORY), PIN);
    const path = trustPinPath(configDir, REPOSITORY);
    const good = readFileSync(path, 'utf8');
    const damaged = [
      '',
      'null',
      '[]',
      good.slice(0, -3),
      good.replace('"format": 1', '"format": 2'),
      good.replace('sha256:', 'sha1:'),
      good.replace('"policy"', '"polizy"'),
      good.replace('{', '{ "extra": 1,'),
      good.replace('1750000000', '"1750000000"'),
      good.replace('1750000000', '-1'),
      good.replace('1750000000', '1750000000, "logTip": "main"'),
    ];
    for (const text of damaged) {
      expect(text).not.toBe(good);
      writeFileSync(path, text);
      await expect(readTrustPin(trustPinPath(configDir, REPOSITORY)), text).rejects.toMatchObject({
        kind: 'config',
        hint: expect.any(String),
      });
      await expect(writeTrustPin(trustPinPath(configDir, REPOSITORY), PIN), text).rejects.toMatchObject({
        kind: 'config',
      });
    }
  });

  it('are refused if others may change them', async () => {
    const configDir = tempDir();
    await writeTrustPin(trustPinPath(configDir, REPOSITORY), PIN);
    const path = trustPinPath(configDir, REPOSITORY);
    chmodSync(path, 0o644);
    expect(await readTrustPin(trustPinPath(configDir, REPOSITORY))).toEqual(PIN);
    chmodSync(path, 0o664);
    await expect(readTrustPin(trustPinPath(configDir, REPOSITORY))).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('changed by others'),
    });
  });

  it('have names that cannot leave the directory', () => {
    expect(() => trustPinPath('/x', '../../etc/passwd')).toThrow(RangeError);
  });
});
