import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import { reviewDocument } from '../../../src/cli/schemas/review-document.ts';
import { decide, inside, ONE_APPROVAL, peopleWith, promote, put, runCommand, runReview } from './scene.ts';

const Document = reviewDocument({
  Snapshot: DOCUMENTS.show.omit({ kinds: true, changes: true }),
  Change: DOCUMENTS.diff.shape.changes.element,
  ChangeCounts: DOCUMENTS.create.shape.changes,
});

test('one review in every form', async () => {
  const { ada, ben } = await peopleWith(ONE_APPROVAL);
  put(ada, new Map([['a.txt', 'one\ntwo\n']]));
  await ada.take('-m', 'first');
  await promote(ada, 'production');
  await decide({ ada, ben }, 'production', 'approve');
  put(
    ada,
    new Map([
      ['a.txt', 'one\n2\n'],
      ['big.txt', `${'y'.repeat(5 << 20)}\n`],
    ]),
  );
  await ada.take('-m', 'second');
  await promote(ada, 'production');

  const terminal = await runReview(ada, ['production', '--rerun']);
  expect(terminal.code).toBe(0);
  expect(terminal.stdout).toMatch(
    /^promotion production\/2 of artifacts waits for one more approval, of ben \(Ben Example\)\n/,
  );
  expect(terminal.stdout).toContain('  ok  manifest (manifest): said pass when it was promoted, says pass now: ');
  expect(terminal.stdout).toContain('@@ -1,2 +1,2 @@\n one\n-two\n+2\n');
  expect(terminal.stdout).toContain(' big.txt | new, 5.0 MiB\n');

  const json = await runReview(ada, ['--json', '--rerun']);
  const document = Document.safeParse(JSON.parse(json.stdout));
  expect(document.error?.issues).toBeUndefined();
  expect(document.data).toMatchObject({
    ok: true,
    promotion: { number: 2 },
    missing: { approvals: 1, people: ['ben'] },
  });

  // Both at once: one verification for the page and for the pull request.
  mkdirSync(inside(ada, 'out'));
  writeFileSync(inside(ada, 'out/page.html'), 'old');
  symlinkSync('page.html', inside(ada, 'out/link.html'));
  const both = await runReview(ada, ['production/2', '--markdown', '--max-bytes', '5000', '--html', 'out/link.html']);
  expect(both.stdout).toMatch(/^### Promotion `production\/2` of `artifacts`: pending, every check is good\n/);
  expect(readFileSync(inside(ada, 'out/page.html'), 'utf8')).toMatch(/^<!doctype html>/);
  expect(readdirSync(inside(ada, 'out')).sort()).toEqual(['link.html', 'page.html']);

  // The same of any two snapshots, and of the directory.
  const diff = await runCommand(ada, ['diff', '@production', 'latest', '--markdown', '--html', 'out/diff.html']);
  expect(diff).toMatchObject({ code: 0, stderr: "The page is in 'out/diff.html'.\n" });
  expect(diff.stdout).toMatch(
    /^### From `\d{8}T\S+` to `\d{8}T\S+`\n\n- Set: `artifacts`\n- From: `.* \(1 file, 8 B\): first`\n/,
  );
  expect(diff.stdout).toContain('#### 2 paths changed: 1 added, 1 modified\n');
  expect(diff.stdout).toContain('@@ -1,2 +1,2 @@\n one\n-two\n+2\n```');
  expect(readFileSync(inside(ada, 'out/diff.html'), 'utf8')).toMatch(/<del>two<\/del>|<span class="sign">−<\/span>two/);
  put(ada, new Map([['a.txt', 'one\nlive\n']]));
  const live = await ada.ok('snapshot', 'diff', '--markdown', '--path', 'a.txt');
  expect(live).toMatch(/^### From `\d{8}T\S+` to `the directory`\n/);
  expect(live).toContain(' one\n-2\n+live\n');
  const withPage = await ada.ok('snapshot', 'diff', '--json', '--html', 'out/diff.html');
  expect(DOCUMENTS.diff.safeParse(JSON.parse(withPage)).success).toBe(true);
  expect(readFileSync(inside(ada, 'out/diff.html'), 'utf8')).toContain('live</td>');
  for (const wrong of [
    ['--markdown', '--json'],
    ['--markdown', '-p'],
    ['--html', 'x', '--stat'],
    ['--max-bytes', '9'],
  ])
    expect((await runCommand(ada, ['diff', ...wrong])).code, wrong.join(' ')).toBe(2);

  const nowhere = await runReview(ada, ['--html', 'no/page.html']);
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('no such directory')]);
  const directory = await runReview(ada, ['--html', 'out']);
  expect([directory.code, directory.stderr]).toEqual([2, expect.stringContaining('it is a directory')]);
  expect(readdirSync(ada.dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  for (const wrong of [
    ['--markdown', '--json'],
    ['--quick', '--rerun'],
    ['a/b/c'],
    ['--max-bytes', '10', '--markdown'],
  ])
    expect((await runReview(ada, wrong)).code, wrong.join(' ')).toBe(2);
  expect((await runReview(ada, ['staging'])).code).toBe(4);

  ada.git('update-ref', '-d', 'refs/promotions/artifacts/production/2');
  const bad = await runReview(ada);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('BAD promotion (1 check)');
  expect((await runReview(ada, ['--markdown'])).stdout).toContain('pending, NOT TO BE TRUSTED: see below');
  expect((await runReview(ada, ['--html', '/dev/null'])).code).toBe(1);
});

test('what only its owner may read is on no page, unless that is asked for', async () => {
  const { ada, ben } = await peopleWith(ONE_APPROVAL);
  put(ada, new Map([['plain.txt', 'one\n']]));
  put(ada, new Map([['token', 'hush-1\n']]));
  chmodSync(inside(ada, 'artifacts/token'), 0o600);
  await ada.take('-m', 'first');
  await promote(ada, 'production');
  await decide({ ada, ben }, 'production', 'approve');
  put(ada, new Map([['plain.txt', 'seen-2\n']]));
  put(ada, new Map([['token', 'hush-2\n']]));
  await ada.take('-m', 'second');
  await promote(ada, 'production');

  const notice = "1 changed file is not shown ('token'), since only its owner may read it: to see it, add --private";
  const pages = (...more: string[]) =>
    Promise.all([
      runReview(ada, ['production', ...more]),
      runReview(ada, ['production', '--markdown', ...more]),
      runReview(ada, ['production', '--html', '-', ...more]),
      runCommand(ada, ['diff', '@production', 'latest', '--markdown', ...more]),
      runCommand(ada, ['diff', '@production', 'latest', '--html', '-', ...more]),
    ]);
  for (const { code, stdout } of await pages()) {
    expect(code).toBe(0);
    expect(stdout).toContain('seen-2');
    expect(stdout).toContain('token');
    expect(stdout.replaceAll('`', '').replaceAll('&#39;', "'")).toContain(notice);
    expect(stdout).not.toContain('hush');
  }
  for (const { stdout } of await pages('--private')) {
    expect(stdout).not.toContain('not shown');
    expect(stdout).toContain('hush');
  }
  // A patch is for programs, and nobody passes it around unseen.
  expect((await runCommand(ada, ['diff', '@production', 'latest', '-p'])).stdout).toContain('+hush-2');
});

test('where not all paths are listed, it says so, and where they are', async () => {
  const { ada, ben } = await peopleWith(ONE_APPROVAL);
  put(ada, new Map([['plain.txt', 'one\n']]));
  await ada.take('-m', 'first');
  await promote(ada, 'production');
  await decide({ ada, ben }, 'production', 'approve');
  for (let n = 0; n < 510; n++) put(ada, new Map([[`many/${1000 + n}`, `${n}`]]));
  put(ada, new Map([['secret', 'at the end']]));
  await ada.take('-m', 'second');
  await promote(ada, 'production');
  const { stdout } = await runReview(ada, ['production']);
  const hint =
    /… and 11 more paths, not listed here: see "git (snapshot diff --stat \S+ \S+)"\n 511 paths changed/.exec(stdout);
  expect(await ada.ok(...(hint?.[1] ?? '').split(' '))).toContain(' secret ');
});
