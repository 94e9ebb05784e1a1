import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderNameStatus, renderStat } from '../../../src/cli/render/changes.ts';
import { patchText } from '../../../src/cli/render/patch.ts';
import { formatBytes, formatCount } from '../../../src/cli/render/quantities.ts';
import { textWidth, truncate } from '../../../src/cli/render/text-width.ts';
import { formatAge, formatTime, isoTime } from '../../../src/cli/render/times.ts';
import { jsonText, PLAIN } from '../../../src/cli/terminal/output.ts';
import { hasUnsafeCharacters } from '../../../src/core/byte-string.ts';
import { fakeChange } from '../../support/fake-app.ts';
import { tempDir } from '../../support/temp-repo.ts';

test.each([
  ['abc', 3],
  ['日本語', 6],
  ['한국어', 6],
  ['ｆｕｌｌ', 8],
  ['é', 1],
  ['e\u0301', 1],
  ['👍🏽', 2],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['Ελλάδα', 6],
  ['', 0],
])('%s takes %i cells', (text, cells) => expect(textWidth(text)).toBe(cells));

test('what is cut fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, cells) => {
      const cut = truncate(text, cells);
      expect(textWidth(cut)).toBeLessThanOrEqual(cells);
      expect(cut === text || cut.endsWith('…')).toBe(true);
    }),
  );
  expect(truncate('日本語', 4)).toBe('日…');
});

test('JSON is the same document, and safe for a terminal', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = jsonText(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(hasUnsafeCharacters(text)).toBe(false);
    }),
  );
});

test('quantities', () => {
  expect([0, 1023, 1024, 1536, 1_048_575, 1_048_576, 12_897_484].map(formatBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '1.0 MiB',
    '1.0 MiB',
    '12.3 MiB',
  ]);
  expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
});

test('times', () => {
  const nowMs = Date.UTC(2026, 10, 22, 12);
  const ages = [-3600, 0, 59, 60, 3599, 7200, 86_400, 8 * 86_400, 40 * 86_400, 800 * 86_400];
  expect(ages.map((ageSec) => formatAge(nowMs / 1000 - ageSec, nowMs))).toEqual([
    'in the future',
    'just now',
    'just now',
    '1 minute ago',
    '59 minutes ago',
    '2 hours ago',
    '1 day ago',
    '1 week ago',
    '1 month ago',
    '2 years ago',
  ]);
  expect(formatTime(nowMs / 1000)).toBe('2026-11-22 12:00:00 +0000');
  expect(isoTime(nowMs / 1000)).toBe('2026-11-22T12:00:00Z');
});

describe('patches', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', 'é\u00ff', '@@ -1 +1 @@', '--- x', '\\ No'), {
    maxLength: 12,
  });
  const content = fc
    .tuple(lines, fc.boolean())
    .map(([all, newline]) => all.join('\n') + (newline && all.length > 0 ? '\n' : ''));

  test('git applies them, byte for byte', () => {
    const dir = tempDir();
    const file = join(dir, 'a "b"');
    fc.assert(
      fc.property(content, content, (before, after) => {
        fc.pre(before !== after);
        writeFileSync(file, before, 'latin1');
        const change = fakeChange('M', 'a "b"', { from: before.length, to: after.length });
        const patch = patchText({ change, before, after });
        execFileSync('git', ['apply', '-'], {
          cwd: dir,
          input: Buffer.from(patch, 'latin1'),
          stdio: ['pipe', 'pipe', 'pipe'],
        });
        expect(readFileSync(file, 'latin1')).toBe(after);
      }),
      { numRuns: 40 },
    );
  });

  test('a change of type is a deletion and an addition', () => {
    const change = fakeChange('T', 'x');
    expect(patchText({ change, before: 'a\n', after: 'b\n' }).match(/^(new|deleted) file mode/gm)).toEqual([
      'deleted file mode',
      'new file mode',
    ]);
  });
});

test('permissions that change are told of, whatever else does', () => {
  const withMode = (change: ReturnType<typeof fakeChange>, mode: number) => ({
    ...change,
    to: change.to && { ...change.to, mode },
  });
  const changes = [
    withMode(fakeChange('M', 'secret'), 0o100600),
    withMode(fakeChange('A', 'new'), 0o100600),
    fakeChange('A', 'usual'),
    withMode(fakeChange('T', 'link'), 0o120000),
    withMode(fakeChange('P', 'run.sh'), 0o100755),
  ];
  expect(renderStat(PLAIN, changes).slice(0, -1)).toEqual([
    ' secret | 100 B -> 200 B (mode 644 -> 600)',
    ' new    | new, 200 B (mode 600)',
    ' usual  | new, 200 B',
    ' link   | 100 B -> 200 B',
    ' run.sh | (mode 644 -> 755)',
  ]);
  expect(renderNameStatus(PLAIN, changes).slice(0, 2)).toEqual(['M\tsecret (mode 644 -> 600)', 'A\tnew']);
});
