import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rehearsalJson, rehearsalText } from '../../../src/cli/json/rehearsal.ts';
import { rehearsalHtml } from '../../../src/cli/render/rehearsal/rehearsal-html.ts';
import { rehearsalMarkdown } from '../../../src/cli/render/rehearsal/rehearsal-markdown.ts';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { browse } from '../review/browse.ts';
import { fakeRehearsed, fakeReport } from './fake-report.ts';

const HOSTILE = '<script>alert(1)</script> | `x` \u202e "\'&\u001b[31m';
const FAILED = fakeReport({
  verdict: 'fail',
  live: { ...fakeReport().report.live, changed: [HOSTILE, 'b'] },
  rehearsals: [
    fakeRehearsed({
      verdict: 'fail',
      failure: HOSTILE,
      criteria: [{ criterion: 'exact', limit: 'there and back, every byte', value: HOSTILE, ok: false }],
      gates: [
        {
          name: 'small',
          type: 'contract',
          verdict: 'fail',
          detail: HOSTILE,
          violations: [],
          evidence: `sha256:${'0'.repeat(64)}`,
          durationMs: 1,
        },
      ],
      faults: { steps: 40, points: 20, recovered: 19, failures: [{ step: 7, way: 'abort', detail: HOSTILE }] },
    }),
  ],
});

test('the document is what is described, and its text ends with its only line feed', () => {
  for (const { report } of [fakeReport(), FAILED]) {
    expect(DOCUMENTS.rehearse.parse(rehearsalJson(report))).toEqual(rehearsalJson(report));
    expect(rehearsalText(report)).toMatch(/^[ -~]+\n$/);
    expect(JSON.parse(rehearsalText(report))).toEqual(rehearsalJson(report));
  }
});

test('the page shows a browser the verdict, the phases and the trend, and does nothing', async () => {
  const file = join(tempDir(), 'rehearsal.html');
  writeFileSync(file, rehearsalHtml(fakeReport()));
  const { dom, console } = await browse(file);
  expect(console).toEqual([]);
  expect(dom).toMatch(/<span class="badge good">passed<\/span>/);
  // A bar for each of nine phases, there and back, and one for each rehearsal.
  expect(dom.match(/<rect class="(there|back)" x="90"/g)).toHaveLength(18);
  expect(dom.match(/<rect class="(pass|fail)"/g)).toHaveLength(6);
  expect(dom).toContain('the limit, 5 min, is far above');
  expect(dom).not.toMatch(/<script|style="/);
});

test('a limit that is near is shown', () => {
  const criteria = [{ criterion: 'recovery', limit: '4s', value: '1.4 s', ok: true }] as const;
  const page = rehearsalHtml(fakeReport({ rehearsals: [fakeRehearsed({ criteria })] }));
  expect(page).toContain('<line class="limit"');
  expect(page).toContain('dashed: the limit, 4 s');
});

test('what came from elsewhere is text on every page', async () => {
  const file = join(tempDir(), 'rehearsal.html');
  const page = rehearsalHtml(FAILED);
  writeFileSync(file, page);
  expect((await browse(file)).console).toEqual([]);
  expect(page).not.toContain('<script>');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  const markdown = rehearsalMarkdown(FAILED);
  for (const text of [page, markdown]) for (const bad of ['\u202e', '\u001b']) expect(text).not.toContain(bad);
  // Only inside of code spans.
  expect(markdown.replaceAll(/(`+)[^\n]*?[^`]\1(?!`)/g, '')).not.toMatch(/<script>/);
  expect(markdown).toContain('**failed**');
  expect(markdown).toContain('killed at step 7, then `--abort`: ``');
});
