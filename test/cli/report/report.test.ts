import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plainOrCode } from '../../../src/cli/render/markdown/markdown-text.ts';
import { reportHtml } from '../../../src/cli/render/report/report-html.ts';
import { reportMarkdown } from '../../../src/cli/render/report/report-markdown.ts';
import { headlines } from '../../../src/cli/render/report/summary.ts';
import { DOCUMENTS } from '../../../src/cli/schemas/documents.ts';
import { hasUnsafeCharacters } from '../../../src/core/byte-string.ts';
import { judgeLevels } from '../../../src/core/levels/judge.ts';
import type { Oid } from '../../../src/core/oid.ts';
import { fakeApp, NOW_SEC } from '../../support/fake-app.ts';
import { fakeReport } from '../../support/fake-report.ts';
import { fakeWatch } from '../../support/fake-watch.ts';
import { runCli } from '../../support/run-cli.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { browse } from '../review/browse.ts';
import { HOSTILE_TEXT } from '../review/hostile.ts';

/** What no rendering may let through as it is, outside of code. */
const MARKUP = /<script|<img|<a |<h1>owned|javascript:|onerror|@octocat|evil\.example|#1\b/;

const hostile = () => fakeReport({ nowSec: NOW_SEC, text: HOSTILE_TEXT });

function appOf(report: ReturnType<typeof fakeReport>) {
  return fakeApp({ watch: { ...fakeWatch(NOW_SEC), report: async () => report } }).app;
}

describe('of what people wrote nothing takes effect', () => {
  test('on a terminal', async () => {
    const { code, stdout } = await runCli(['report'], { app: appOf(hostile()), columns: 120 });
    expect(code).toBe(0);
    const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(stdout.replace(colours, '').split('\n').filter(hasUnsafeCharacters)).toEqual([]);
    // Where nothing is cut off, all of it is there.
    const { stdout: whole } = await runCli(['report'], { app: appOf(hostile()) });
    expect(whole.split('\n').filter(hasUnsafeCharacters)).toEqual([]);
    expect(whole).toContain('\\u{1b}[31mred');
  });

  test('in Markdown', () => {
    const text = reportMarkdown(hostile());
    const html = execFileSync('cmark-gfm', ['--unsafe', '-e', 'table', '-e', 'autolink'], {
      input: text,
      encoding: 'utf8',
    });
    expect(html.replace(/<code>[^<]*<\/code>/g, '')).not.toMatch(MARKUP);
    // Every row is still one.
    expect(html.match(/<tr>/g)).toHaveLength(text.split('\n').filter((line) => /^\|(?! ---)/.test(line)).length);
    expect(html.match(/<h2>/g)).toHaveLength(10);
  });

  test('in a browser', async () => {
    const file = join(tempDir(), 'report.html');
    const page = reportHtml(hostile());
    writeFileSync(file, page);
    expect(page).not.toMatch(/<script|<img|<h1>owned|<[^>]* on[a-z]+=|<[^>]*style=/);
    expect(page.split(/[\n\t]/).filter(hasUnsafeCharacters)).toEqual([]);
    const seen = await browse(file);
    expect(seen.console).toEqual([]);
    expect(seen.dom).toContain('<title>Snapshots, 2026-11-22 12:00 UTC</title>');
    expect(seen.dom).not.toMatch(/<script|<h1>owned/);
    expect(seen.dom.match(/<section /g)).toHaveLength(10);
    expect(seen.dom.match(/<svg /g)).toHaveLength(4);
    expect(seen.dom.match(/class="bar over"/g)).toHaveLength(1);
  });

  test.each([
    '',
    '-x',
    '@a',
    'a@b',
    'www.a.b',
    'evil.example',
    'GH-1',
    'a:b',
    ':100:',
    'mailto:a',
    '*a*',
    'a|b',
    '0123abc',
    '<b>',
  ])('%j is not taken for plain words', (text) => expect(plainOrCode(text)).toMatch(/^(`.*`|\*\(empty\)\*)$/));
  test.each([
    ['1. x', '`1.` x'],
    ['(x)', '`(x)`'],
    ['see @octocat, please', 'see `@octocat,` please'],
    [
      '20261122T090000Z-0123456789ab (12 files): for <b> us',
      '`20261122T090000Z-0123456789ab` (12 files): for `<b>` us',
    ],
    ['a  b', '`a  b`'],
    ['a ` b `` c', 'a `` ` `` b ``` `` ``` c'],
  ])('of %j only the words are plain', (text, markdown) => expect(plainOrCode(text)).toBe(markdown));
  test.each(['met', '9.0 s', '7 min', "don't", 'a "b"', '2026-11-21 12:00 UTC (1 d)', '95%', 'artifacts: none'])(
    '%j is',
    (text) => expect(plainOrCode(text)).toBe(text),
  );
});

describe('a report', () => {
  test('is a document that is described, and its files say the same', async () => {
    const cwd = tempDir();
    const app = appOf(fakeReport({ nowSec: NOW_SEC }));
    const { code, stdout } = await runCli(['report', '--json', '--html', 'a.html', '--markdown', 'a.md'], { app, cwd });
    expect(code).toBe(0);
    expect(DOCUMENTS.report.parse(JSON.parse(stdout))).toMatchObject({ ok: true, levels: { ok: false, broken: 1 } });
    const quiet = await runCli(['report', '-q', '--html', 'a.html'], { app, cwd });
    expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('goes to standard output for -, once, and never twice to one file', async () => {
    const cwd = tempDir();
    const app = appOf(fakeReport({ nowSec: NOW_SEC }));
    const printed = await runCli(['report', '--html', '-', '--markdown', 'a.md'], { app, cwd });
    expect(printed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^<!doctype html>/) });
    symlinkSync('a.md', join(cwd, 'link'));
    for (const argv of [
      ['--html', '-', '--markdown', '-'],
      ['--html', '-', '--json'],
      ['--html', 'a.md', '--markdown', './a.md'],
      ['--html', 'link', '--markdown', 'a.md'],
    ])
      expect(await runCli(['report', ...argv], { app, cwd }), argv.join(' ')).toMatchObject({ code: 2, stdout: '' });
    expect(readdirSync(cwd).sort()).toEqual(['a.md', 'link']);
    expect(readFileSync(join(cwd, 'a.md'), 'utf8')).toMatch(/^# Snapshots/);
  });

  test('that cannot be written ends with 2 where no such file can be, and with 8 where writing failed', async () => {
    const cwd = tempDir();
    const app = appOf(fakeReport({ nowSec: NOW_SEC }));
    const missing = await runCli(['report', '--html', 'none/a.html'], { app, cwd });
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('Name a file in a directory') });
    expect(await runCli(['report', '--html', '.'], { app, cwd })).toMatchObject({ code: 2 });
    const full = await runCli(['report', '--html', '/dev/full'], { app, cwd });
    expect(full).toMatchObject({ code: 8, stderr: expect.stringMatching(/no space left\n.*Make room/) });
  });

  test('of a log with findings says so first, and ends with 1', async () => {
    const report = fakeReport({ nowSec: NOW_SEC });
    const findings = [{ rule: 'signature', object: 'c'.repeat(40) as Oid, detail: 'it is not signed' }];
    const broken = { ...report, proof: { ...report.proof, findings } };
    const { code, stdout } = await runCli(['report'], { app: appOf(broken) });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Since .*\n\nAudit log +1 finding /);
    expect(stdout).toContain('signature: it is not signed');
    expect(stdout).toContain('1 finding: do not rely on this report.');
  });

  test('of what was never measured does not say that it is met', async () => {
    const { watch } = fakeApp().app;
    const report = fakeReport({ nowSec: NOW_SEC });
    const levels = await watch.levels({ set: undefined, sinceSec: undefined });
    const { stdout } = await runCli(['report'], { app: appOf({ ...report, levels }) });
    expect(stdout).toMatch(/^Service levels +0 met +0 limits met, 0 broken, 6 never measured$/m);
  });

  test('tells which rollbacks went past the gates, and what health said', async () => {
    const report = fakeReport({ nowSec: NOW_SEC });
    const gates = [
      { name: 'schema', verdict: 'fail' as const, evidence: `sha256:${'e'.repeat(64)}` },
      { name: 'smoke', verdict: 'pass' as const, evidence: `sha256:${'e'.repeat(64)}` },
    ];
    const health = { verdict: 'fail' as const, attempts: 3 };
    const rollbacks = report.rollbacks.flatMap((one) => [
      { ...one, gates, pastGates: true as const, health },
      { ...one, gates: gates.slice(1) },
    ]);
    const { stdout } = await runCli(['report'], { app: appOf({ ...report, rollbacks }) });
    expect(stdout).toContain('past the gates: schema fail; health fail');
    expect(stdout).toMatch(/ applied +smoke pass /);
  });

  test('tells on its cards what is not well, and not in green', () => {
    const report = fakeReport({ nowSec: NOW_SEC });
    const cards = (given: typeof report) =>
      Object.fromEntries(
        headlines(given).map(({ title, value, detail, tone }) => [title, `${tone}: ${value}; ${detail}`]),
      );
    expect(cards(report)).toMatchObject({
      'Last snapshot': expect.stringMatching(/^good: 3 h ago/),
      Recovery: 'good: 28 s; last rehearsal passed 2 d ago',
      Policy: expect.stringMatching(/^warning: in force; version 3 runs out /),
    });
    const [set] = report.sets;
    const [environment] = set?.environments ?? [];
    if (set === undefined || environment === undefined) throw new Error('the report has a set with an environment');
    const measurements = { ...set.measurements, lastRehearsal: { atSec: NOW_SEC - 300, passed: false } };
    const hold = { number: 7, by: 'ada' } as unknown as NonNullable<typeof environment.hold>;
    const levels = judgeLevels(
      measurements,
      { serviceLevels: { snapshotAge: '1h' } },
      { nowSec: NOW_SEC, sinceSec: undefined },
    );
    const ill = {
      ...report,
      policyExpiresAtSec: NOW_SEC - 60,
      levels: { ...report.levels, sets: [{ set: 'artifacts', levels }] },
      sets: [{ ...set, measurements, environments: [{ ...environment, hold, pending: [] }] }],
    };
    expect(cards(ill)).toMatchObject({
      'Last snapshot': 'bad: 3 h ago; set artifacts; limit 1 h',
      Recovery: 'bad: rehearsal FAILED; set artifacts, 5 min ago; last rehearsal passed 2 d ago',
      Waiting: 'warning: 1 environment; on hold: artifacts/production',
      Policy: expect.stringMatching(/^bad: expired; version 3 ran out /),
    });
  });
});
