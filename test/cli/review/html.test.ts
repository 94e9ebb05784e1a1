import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { boundedPatch, cutLine } from '../../../src/cli/render/bounded-patch.ts';
import { diffTable } from '../../../src/cli/render/html/html-diff.ts';
import { html } from '../../../src/cli/render/html/html-text.ts';
import { dataUri, imageInfo } from '../../../src/cli/render/html/image-info.ts';
import { reviewHtml } from '../../../src/cli/render/review/review-html.ts';
import { PLAIN } from '../../../src/cli/terminal/output.ts';
import { utf8Encode } from '../../../src/core/byte-string.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { browse } from './browse.ts';
import { fakeFile, fakeReview, manyFiles } from './fake-review.ts';
import { png } from './hostile.ts';

test('what is no HTML is escaped, as text and in attributes', () => {
  expect(`${html`<a title="${'"<>&\''}">${['<b>', html`<i>${1}</i>`, undefined]}\u{202e}${'\u202e\t\n'}</a>`}`).toBe(
    '<a title="&quot;&lt;&gt;&amp;&#39;">&lt;b&gt;<i>1</i>\u202e\\u{202e}\t\n</a>',
  );
});

test('lines stand side by side with their numbers, and words that differ are marked', () => {
  const table = `${diffTable('a\nthe old word\nz\n', 'a\nthe new word\nmore\nz')}`;
  expect(table).toContain(
    '<td class="num del">2</td><td class="del"><span class="sign">−</span>the <del>old</del> word</td>',
  );
  expect(table).toContain(
    '<td class="num ins">2</td><td class="ins"><span class="sign">+</span>the <ins>new</ins> word</td>',
  );
  expect(table).toContain('<td class="num none"></td><td class="none"></td>');
  expect(table).toContain('(no line feed at the end)');
  expect(`${diffTable('completely\n', 'different <b>\n')}`).not.toMatch(/<del>|<ins>|<b>/);
  expect(`${diffTable(undefined, 'one\ntwo\n')}`.match(/<td class="num ins">/g)).toHaveLength(2);
  const many = Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join('');
  expect(`${diffTable(undefined, many)}`).toContain('… 2,000 more lines');
  // Too much to be compared: both from their beginning.
  const other = `${diffTable(many.replaceAll('line', 'other'), many)}`;
  expect(other.match(/<td class="num del">1<\/td>[^\n]*<td class="num ins">1<\/td>/g)).toHaveLength(1);
  expect(other).toContain('… 2,000 more lines');
  const patch = boundedPatch(PLAIN, fakeFile('x', many.replaceAll('line', 'other'), many), {
    maxLines: 9,
    maxLineBytes: 99,
  });
  expect(patch).toEqual({ lines: ['not shown: at least 6,000 lines differ'], left: 0 });
});

test('long lines are cut between characters', () => {
  const line = utf8Encode('é'.repeat(1000));
  expect(cutLine(line, 2000)).toBe(line);
  expect(cutLine(line, 999)).toBe(`${utf8Encode('é'.repeat(499))} [1,002 more bytes]`);
});

test('images are known by what they begin with', () => {
  const latin1 = (bytes: Buffer) => bytes.toString('latin1');
  const image = latin1(png(120, 80, [1, 2, 3]));
  expect(imageInfo(image)).toEqual({ type: 'image/png', size: { width: 120, height: 80 } });
  expect(imageInfo('GIF89a\x10\x00\x20\x00')).toEqual({ type: 'image/gif', size: { width: 16, height: 32 } });
  const jpeg = '\xff\xd8\xff\xe0\x00\x04ab\xff\xc4\x00\x02\xff\xc0\x00\x11\x08\x00\x50\x00\x78\x03';
  expect(imageInfo(jpeg)).toEqual({ type: 'image/jpeg', size: { width: 120, height: 80 } });
  const webp = `RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x77\0\0\x4f\0\0`;
  expect(imageInfo(webp)).toEqual({ type: 'image/webp', size: { width: 120, height: 80 } });
  for (const head of ['', '<?xml version="1.0"?>\n', '\xef\xbb\xbf<!-- x -->\n', '<!DOCTYPE svg PUBLIC "a" "b">'])
    expect(imageInfo(`${head}<svg xmlns="http://www.w3.org/2000/svg"/>`)?.type).toBe('image/svg+xml');
  for (const other of ['', 'text', '<html><svg>', '<!DOCTYPE svg [<!ENTITY a "b">]><svg>', '\xff\xd8'])
    expect(imageInfo(other)).toBeUndefined();
  expect(dataUri('GIF89a', { type: 'image/gif', size: undefined })).toBe('data:image/gif;base64,R0lGODlh');
});

test('a large image, and one that claims to be, are not shown', () => {
  const claimed = `\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\x01\0\0\0\x01\0\0`;
  const large = `${png(1, 1, [0, 0, 0]).toString('latin1')}${'\0'.repeat(2 << 20)}`;
  const page = reviewHtml(
    fakeReview({ files: [fakeFile('a.png', claimed, claimed), fakeFile('b.png', undefined, large)] }),
  );
  expect(page).not.toContain('<img');
  expect(page.match(/too large to be shown/g)).toHaveLength(3);
});

test('the page has a bound', () => {
  const line = utf8Encode('\u202ex').repeat(40);
  const long = Array.from({ length: 1000 }, (_, i) => `${i}${line}\n`).join('');
  const files = Array.from({ length: 1200 }, (_, i) => fakeFile(`f${i}`, undefined, long));
  const page = reviewHtml(fakeReview({ files }));
  expect(page.length).toBeLessThan(9 << 20);
  // Not as a whole: a failure would print it.
  expect(page.match(/not shown: the page is full/g)?.length).toBeGreaterThan(900);
  expect(page.slice(-200)).toContain('… 200 more files');
});

test('a browser runs nothing that got into the page, and loads nothing', async () => {
  const dir = tempDir();
  const page = reviewHtml(fakeReview({ files: manyFiles(3) }));
  const plain = join(dir, 'plain.html');
  writeFileSync(plain, page);
  expect((await browse(plain)).console).toEqual([]);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
  expect(policy).toMatch(
    /^default-src 'none'; img-src data:; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'$/,
  );

  // As if an escape had been forgotten.
  const injected = `<script>document.title = 'owned'</script><img src="missing.png" onerror="document.title = 'owned'"><style>body { display: none }</style><p style="color: red">`;
  const bad = page.replace('<header>', `${injected}<header>`);
  const hurt = join(dir, 'hurt.html');
  writeFileSync(hurt, bad);
  const seen = await browse(hurt);
  expect(seen.dom).toContain('<title>Review of production/2 of artifacts</title>');
  expect(seen.console.length).toBeGreaterThanOrEqual(4);
  for (const line of seen.console) expect(line).toContain('Content Security Policy');

  // Without the policy it does run: the browser would have told.
  const open = join(dir, 'open.html');
  writeFileSync(open, bad.replace(/<meta http-equiv[^>]*>/, ''));
  expect((await browse(open)).dom).toContain('<title>owned</title>');
  expect(readFileSync(plain, 'utf8')).toBe(page);
});
