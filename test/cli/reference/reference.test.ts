import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { EXIT_CODES, exitCodeOf } from '../../../src/cli/exit-code-table.ts';
import { commandHelp, overview } from '../../../src/cli/parse/help.ts';
import { COMMAND_SPECS } from '../../../src/cli/specs/all.ts';
import { VERSION } from '../../../src/cli/version.ts';
import { type ErrorKind, SnapshotError } from '../../../src/core/errors.ts';
import { policyJsonSchema } from '../../../src/core/policy/schema.ts';
import { manPage } from './man.ts';
import { cliMarkdown, exitCodesMarkdown } from './markdown.ts';
import { policyFieldsMarkdown } from './policy-fields.ts';

const DOCS = '../../../docs';

// Update with: npx vitest run test/cli/reference -u
describe('the documents agree with the code', () => {
  test('docs/cli.md', async () => expect(cliMarkdown()).toMatchFileSnapshot(`${DOCS}/cli.md`));
  test('docs/exit-codes.md', async () => expect(exitCodesMarkdown()).toMatchFileSnapshot(`${DOCS}/exit-codes.md`));
  test.each(['git-snapshot', 'git-rollback'] as const)('the man page of %s', async (program) => {
    await expect(manPage(program)).toMatchFileSnapshot(`${DOCS}/man/${program}.1`);
  });
  test('docs/policy-fields.md', async () => {
    await expect(policyFieldsMarkdown()).toMatchFileSnapshot(`${DOCS}/policy-fields.md`);
  });
  test('docs/policy.schema.json', async () => {
    // As "git snapshot policy schema" prints it.
    await expect(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(`${DOCS}/policy.schema.json`);
  });
  test('the version', () => expect(VERSION).toBe(packageJson.version));
});

test('--yes is taken by all that ask, or might, and no path is completed that is not one for the command', () => {
  const having = (option: string) =>
    COMMAND_SPECS.filter(({ options }) => options.some(({ name }) => name === option)).map(({ name }) => name);
  const deciding = ['promote', 'approve', 'reject', 'resume', 'restore', 'rollback', 'prune', 'undelete', 'hold'];
  deciding.push('release', 'erase', 'policy', 'key', 'trust', 'log', 'init');
  expect(having('yes').toSorted()).toEqual(deciding.toSorted());
  for (const { name: command, options } of COMMAND_SPECS.filter(({ name }) => name !== 'init')) {
    const path = options.find(({ name }) => name === 'path');
    expect([command, path?.completes]).toEqual([command, undefined]);
  }
});

test('every kind of error has a code of its own', () => {
  const kinds: Record<ErrorKind, number> = {
    usage: 2,
    config: 3,
    'not-found': 4,
    conflict: 5,
    untrusted: 6,
    gate: 7,
    git: 8,
    unfinished: 9,
    interrupted: 130,
  };
  for (const [kind, code] of Object.entries(kinds))
    expect(exitCodeOf(new SnapshotError(kind as ErrorKind, 'x'))).toBe(code);
  expect(exitCodeOf(new TypeError('x'))).toBe(70);
  expect(new Set(EXIT_CODES.map(({ code }) => code)).size).toBe(EXIT_CODES.length);
});

describe('help', () => {
  test('the overview is short, and has every command', async () => {
    const text = await overview(80);
    expect(text.split('\n').length).toBeLessThan(84);
    for (const { name } of COMMAND_SPECS) expect(text).toContain(`\n  ${name} `);
  });

  test('no line is wider than the terminal', async () => {
    const texts = [await overview(80), ...(await Promise.all(COMMAND_SPECS.map((spec) => commandHelp(spec, 80))))];
    const wide = texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.length > 80 && !line.startsWith('  git '));
    expect(wide).toEqual([]);
  });
});
