import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedText } from '../../../src/cli/render/markdown/markdown-bounds.ts';
import { codeBlock, codeElement, codeSpan } from '../../../src/cli/render/markdown/markdown-text.ts';
import { reviewMarkdown } from '../../../src/cli/render/review/review-markdown.ts';
import { escapeText } from '../../../src/core/byte-string.ts';
import { fakeReview, manyFiles } from './fake-review.ts';

/** Renders as GitHub does, with HTML let through. */
function render(markdown: string): string {
  return execFileSync('cmark-gfm', ['--unsafe', '-e', 'table', '-e', 'autolink', '-e', 'strikethrough'], {
    input: markdown,
    encoding: 'utf8',
  });
}

const decode = (text: string) =>
  text.replace(/&(lt|gt|amp|quot);/g, (_, name: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"' })[name] ?? '');

/** Texts full of what Markdown is made of. */
const nasty = fc
  .array(
    fc.constantFrom(
      '`',
      '``',
      '|',
      '\\',
      '<',
      '</code>',
      '&amp;',
      '@octocat',
      '#1',
      ' ',
      '*',
      '[',
      '](',
      '\n',
      '\r',
      '~~~',
      'x',
      '\u202e',
      '\u001b',
      'é',
    ),
  )
  .map((parts) => parts.join(''));

test('a code span shows its text and nothing else, in a line and in a table', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const shown = escapeText(text).replaceAll('|', '\\u{7c}');
      if (shown === '') return;
      const cell = `| a | b |\n| --- | --- |\n| ${codeSpan(text)} | end |\n`;
      // What is all spaces stands as it is; any other span keeps them too, but for the padding.
      expect(decode(render(`- x: ${codeSpan(text)}\n`))).toBe(`<ul>\n<li>x: <code>${shown}</code></li>\n</ul>\n`);
      expect(decode(render(cell))).toContain(`<td><code>${shown}</code></td>\n<td>end</td>`);
    }),
    { numRuns: 40 },
  );
});

test('a block of code holds what it is given', () => {
  fc.assert(
    fc.property(fc.array(nasty), (texts) => {
      const lines = texts.map(escapeText);
      expect(decode(render(codeBlock(lines, 'diff')))).toBe(
        `<pre><code class="language-diff">${lines.length === 0 ? '' : lines.join('\n')}\n</code></pre>\n`,
      );
    }),
    { numRuns: 30 },
  );
  expect(codeElement('<b>"x" & `y`\n')).toBe('<code>&#60;b&#62;&#34;x&#34; &#38; `y`\\u{a}</code>');
});

test('a page is never longer than was said, and says what is missing', () => {
  const review = fakeReview({ files: manyFiles(400) });
  for (const maxBytes of [1000, 5000, 20_000, 60_000, 1_000_000]) {
    const text = reviewMarkdown(review, { maxBytes });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
    expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
    expect((text.match(/^`{3,}/gm)?.length ?? 0) % 2).toBe(0);
    const shown = text.match(/file-\d+\.txt<\/code>|`file-\d+\.txt`/g)?.length ?? 0;
    const left = Number(/… ([\d,]+) more files/.exec(text)?.[1]?.replace(',', '') ?? 0);
    if (maxBytes >= 20_000) expect(shown + left).toBe(400);
    if (maxBytes === 1_000_000) expect(left).toBe(0);
  }
  expect(Buffer.byteLength(reviewMarkdown(review, { maxBytes: 60_000 }))).toBeGreaterThan(50_000);
  const small = reviewMarkdown(review, { maxBytes: 1000 });
  expect(small).toContain('… more than fits here');
});

test('a text in bounds keeps to them, whatever is put in', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 300, max: 2000 }), (blocks, maxBytes) => {
      const page = new BoundedText({ maxBytes, command: 'git snapshot review' });
      for (const block of blocks) page.add(block);
      page.addEach(
        blocks.map((block) => () => [block.repeat(9), block]),
        (left) => `${left} more`,
      );
      expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(maxBytes);
    }),
  );
});
