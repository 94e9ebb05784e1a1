import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactArguments, pathBytes } from '../../../src/cli/parse/exact-arguments.ts';
import { parsePath } from '../../../src/cli/parse/text-values.ts';
import { bytes } from '../../core/arbitraries.ts';
import { builtScript } from '../../support/worker-file.ts';

const lossy = (raw: string) => Buffer.from(raw, 'latin1').toString();

describe('the path of an argument', () => {
  test('is what was typed, whatever its bytes are', () => {
    fc.assert(
      fc.property(bytes({ minLength: 1, maxLength: 12 }), (raw) => {
        const argv = ['erase', '--path', lossy(raw)];
        const read = () => ['node', 'git-snapshot', 'erase', '--path', raw];
        expect(pathBytes(exactArguments(argv, read)[2] ?? '')).toBe(raw);
      }),
    );
  });

  test('is the text where the system does not tell', () => {
    expect(exactArguments(['--path', 'a\ufffd'], () => undefined)).toEqual(['--path', 'a\ufffd']);
    expect(pathBytes('grün\u{1f4a9}')).toBe(Buffer.from('grün\u{1f4a9}').toString('latin1'));
  });

  test('may stand after an equals sign; other arguments are as node has them', () => {
    const raw = ['node', 'x', '-m', '\xff', '--path=\xff\xc3\xa9'];
    const [, message, path = ''] = exactArguments(['-m', '\ufffd', '--path=\ufffdé'], () => raw);
    expect(message).toBe('\ufffd');
    expect(parsePath(path.slice('--path='.length))).toBe('\xff\xc3\xa9');
  });

  test.runIf(process.platform === 'linux')('reaches the program', async () => {
    const script = await builtScript(join(import.meta.dirname, 'print-path.ts'));
    const run = `exec "$0" "$1" --path "$(printf 'a\\377\\376/\\303\\251')"`;
    expect(execFileSync('sh', ['-c', run, process.execPath, script], { encoding: 'utf8' })).toBe('61fffe2fc3a9');
  });
});
