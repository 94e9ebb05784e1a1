import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hasUnsafeCharacters } from '../../../src/core/byte-string.ts';
import type { Person } from '../../support/people.ts';
import { browse } from './browse.ts';
import { hostileFiles } from './hostile.ts';
import { decide, inside, ONE_APPROVAL, peopleWith, promote, put, runCommand, runReview } from './scene.ts';

/** A promotion in which everything is hostile that may be. */
async function hostileScene(): Promise<Person> {
  const [before, after] = hostileFiles();
  const { ada, ben } = await peopleWith(ONE_APPROVAL);
  put(ada, before);
  await ada.take('-m', 'First <b>@octocat</b>');
  await promote(ada, 'production');
  await decide({ ada, ben }, 'production', 'approve');
  put(ada, after);
  await ada.take('-m', '``` </code> @octocat #1 | x');
  await promote(ada, 'production', { message: '</td><script>alert(1)</script> `@octocat` #1 | www.evil.example' });
  await decide({ ada, ben }, 'production', 'reject', '![x](https://evil.example/x.png) <img src=x onerror=alert(1)>');
  return ada;
}

/** What no rendering may let through as it is. */
const MARKUP = /<script|<img|<h1>owned|javascript:|onerror|@octocat|evil\.example|#1\b/;

test('of hostile names and content nothing takes effect', async () => {
  const ada = await hostileScene();

  const terminal = await runReview(ada, [], { columns: 100 });
  expect(terminal.code).toBe(0);
  // Colours are ours; nothing else may move a cursor or turn the text around.
  const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
  const lines = terminal.stdout.replace(colours, '').split(/[\n\t]/);
  expect(lines.filter(hasUnsafeCharacters)).toEqual([]);
  expect(terminal.stdout).toContain('\\u{1b}[31mred');
  expect(terminal.stdout.split('\n').filter((line) => line.length > 20_000)).toEqual([]);

  const rendered = renderedMarkdown((await runReview(ada, ['--markdown'])).stdout);
  expect(rendered.match(/<tr>/g)?.length).toBe(1 + 3 + 1 + 1);
  renderedMarkdown((await runCommand(ada, ['diff', '@production', 'latest', '--markdown'])).stdout);
  // The judge sees it where it is not escaped.
  const naive = execFileSync('cmark-gfm', ['--unsafe'], { input: '<img src=x onerror=alert(1)>', encoding: 'utf8' });
  expect(naive).toMatch(MARKUP);

  const file = inside(ada, 'page.html');
  expect((await runReview(ada, ['--html', 'page.html'])).stdout).toBe('');
  expectHarmless(readFileSync(file, 'utf8'));
  await runCommand(ada, ['diff', '@production', 'latest', '--html', 'diff.html']);
  expectHarmless(readFileSync(inside(ada, 'diff.html'), 'utf8'));

  // Gone: nothing but what was asked for is left in the directory.
  expect(readdirSync(ada.dir).filter((name) => name.includes('page'))).toEqual(['page.html']);

  const seen = await browse(file);
  expect(seen.console).toEqual([]);
  expect(seen.dom).toContain('<title>Review of production/2 of artifacts</title>');
  expect(seen.dom.match(/<details class="file"/g)).toHaveLength(21);
  expect(seen.dom).not.toMatch(/<script|<h1>owned/);
});

/** What the Markdown comes to as HTML, in which nothing takes effect. */
function renderedMarkdown(markdown: string): string {
  const rendered = execFileSync(
    'cmark-gfm',
    ['--unsafe', '-e', 'table', '-e', 'autolink', '-e', 'strikethrough', '-e', 'tasklist'],
    { input: markdown, encoding: 'utf8' },
  );
  // Where code is shown nothing takes effect, on GitHub and GitLab alike.
  const effective = rendered.replace(/<pre>?[\s\S]*?<\/pre>/g, '').replace(/<code>[^<]*<\/code>/g, '');
  expect(effective).not.toMatch(MARKUP);
  expect(effective).not.toMatch(/<a |<pre|<code/);
  expect(rendered.match(/<details>/g)?.length).toBe(rendered.match(/<\/details>/g)?.length);
  const lines = markdown.split('\n').filter((line) => !line.includes('\t'));
  expect(lines.filter(hasUnsafeCharacters)).toEqual([]);
  return rendered;
}

function expectHarmless(page: string): void {
  expect(page.split(/[\n\t]/).filter(hasUnsafeCharacters)).toEqual([]);
  expect(page).not.toMatch(/<script|<img(?! src="data:image\/)|<h1>owned|<[^>]* on[a-z]+=|<[^>]*style=/);
  expect(page.match(/<h1/g)).toHaveLength(1);
  expect(page.match(/<img src="data:image\/svg\+xml;base64,/g)).toHaveLength(2);
}
