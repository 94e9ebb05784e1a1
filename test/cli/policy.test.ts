import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { App } from '../../src/cli/app/app.ts';
import { DOCUMENTS } from '../../src/cli/schemas/documents.ts';
import { policyJsonSchema } from '../../src/core/policy/schema.ts';
import { PROPOSAL_REFS } from '../../src/core/refs.ts';
import { fakeApp } from '../support/fake-app.ts';
import { type GovernedRepo, governedRepo } from '../support/governed-repo.ts';
import { adaAndBen, FIRST, person } from '../support/people.ts';
import { runCli } from '../support/run-cli.ts';

const DOC = join(import.meta.dirname, '../../docs/policy.md');

/** Writes the policy to change: `.snapshots/policy.yaml` unless named. */
function write({ dir }: GovernedRepo, text: string, file = '.snapshots/policy.yaml'): void {
  mkdirSync(join(dir, '.snapshots'), { recursive: true });
  writeFileSync(join(dir, file), text);
}

const yaml = (repo: GovernedRepo) => repo.ok('snapshot', 'policy', 'show', '--yaml');

describe('actions', () => {
  test.each([
    [['policy', 'shwo'], "'shwo' is not an action of git snapshot policy, did you mean 'show'?"],
    [['key', 'x'], "'x' is not an action of git snapshot key; it has list, add, rotate, retire, revoke and export"],
    [['trust', 'pni', 'x'], "did you mean 'pin'?"],
    [['log', 'repare'], "did you mean 'repair'?"],
    [['policy', 'show', '--yes'], "option '--yes' is for apply and sign, not for show"],
    [['policy', '--exit-code'], "option '--exit-code' is for diff, not for show"],
    [['key', 'list', '--reason', 'lost'], "option '--reason' is for revoke, not for list"],
    [['key', 'rotate', '--person', 'ben'], "option '--person' is for add, not for rotate"],
    [['log', '-m', 'why'], "option '--message' is for repair, not for show"],
    [['log', 'repair', '-n', '1'], "option '--limit' is for show, not for repair"],
    [['key', 'retire'], 'no key given to retire'],
    [['trust', 'pin'], 'no digest given to pin'],
    [['policy', 'history', '3'], "unexpected argument '3': history takes none"],
    [['policy', 'show', 'one'], "'one' is not the number of a version"],
    [['key', 'add', 'x.asc'], 'no --person given'],
    [['key', 'revoke', 'x'], 'no --reason given'],
  ])('%j: %s', async (argv, message) => {
    expect(await runCli(argv, { app: fakeApp().app })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  test('the help of a command tells what each does', async () => {
    const { stdout } = await runCli(['policy', '-h']);
    for (const action of ['show [VERSION]: ', 'check [FILE]: ', 'history: ']) expect(stdout).toContain(`\n${action}`);
    expect(stdout).toContain('"git snapshot policy <action> -h" shows');
  });

  test('the help of an action tells of that alone', async () => {
    const { stdout } = await runCli(['key', 'revoke', '-h']);
    expect(stdout).toMatch(/^git snapshot key revoke \[<options>\] <key>\n\nStop believing a key, /);
    for (const shown of ['--reason REASON', '--since EVENT', '--yes', 'git snapshot key revoke 89ABCDEF', 'Do not ask'])
      expect(stdout).toContain(shown);
    for (const other of ['--allowed-signers', '--person', 'rotate', 'Of revoke', 'key add'])
      expect(stdout).not.toContain(other);
    expect((await runCli(['key', '--since', '3', 'revoke', '--help'])).stdout).toBe(stdout);
    expect((await runCli(['policy', 'history', '-h'])).stdout).toMatch(/^git snapshot policy history \[<options>\]\n/);
    expect((await runCli(['key', 'x', '-h'])).stdout).toBe((await runCli(['key', '-h'])).stdout);
  });
});

describe('show', () => {
  test('as text, and as a file that changes nothing', async () => {
    const repo = await governedRepo({ init: ['--set', 'models=data/models', '--set', 'prompts=prompts'] });
    const shown = await repo.ok('snapshot', 'policy');
    expect(shown).toMatch(/^policy version 1, in force\nDigest: +sha256:[0-9a-f]{64}\n/);
    expect(shown).toMatch(/\nmodels +data\/models\/\n/);
    expect(shown).toMatch(/\nauditor +1 {2}ada-example {2}all\n/);
    write(repo, await yaml(repo));
    expect(await repo.ok('snapshot', 'policy', 'check')).toBe('nothing would change: there is nothing to apply\n');
    expect(await repo.ok('snapshot', 'policy', 'diff')).toBe('');
    expect(parse(await yaml(repo))).toMatchObject({ version: 2, roles: { root: ['ada-example'] } });
  });

  test('an older version', async () => {
    const { ada } = await adaAndBen({ threshold: 1 });
    expect(await ada.ok('snapshot', 'policy', 'show', '1')).toMatch(/^policy version 1\n/);
    expect((await ada.expect(4, ['snapshot', 'policy', 'show', '9'])).stderr).toContain('Versions 1 to 3 are there.');
  });
});

test('check tells every fault at once, with its path', async () => {
  const repo = await governedRepo();
  const key = `openpgp:${'A'.repeat(40)}`;
  const next = parse(await yaml(repo)) as Record<string, object>;
  write(
    repo,
    stringify({ ...next, retained: {}, roles: { root: { people: ['ada-example'], treshold: 2 }, rooot: [] } }),
  );
  expect((await repo.expect(3, ['snapshot', 'policy', 'check'])).stderr).toContain(
    [
      "policy.yaml' cannot be the next policy:",
      '  roles.root.treshold: is not a field of a policy',
      '  roles.rooot: is not a field of a policy',
      '  retained: is not a field of a policy',
      'hint: ',
    ].join('\n'),
  );
  const production = { from: 'stagin', soak: 'long' };
  write(repo, stringify({ ...next, expires: 'soon', retention: { keepLast: '3m' }, environments: { production } }));
  const mixed = await repo.expect(3, ['snapshot', 'policy', 'check']);
  for (const fault of [
    'expires: ',
    'environments.production.soak: ',
    "environments.production.from: there is no 'stagin'",
    'retention.keepLast: not a whole number from 0 on, or unlimited',
  ])
    expect(mixed.stderr).toContain(fault);
  write(
    repo,
    stringify({
      ...next,
      version: 7,
      sets: { a: { path: 'a' }, b: { path: 'a/b' } },
      people: { ...next['people'], ben: { name: 'Ben', keys: [key] } },
      roles: { root: { people: ['ada-example'], threshold: 2 }, snapshotter: ['eve'] },
    }),
    'other.yaml',
  );
  const { stderr } = await repo.expect(3, ['snapshot', 'policy', 'check', 'other.yaml']);
  for (const fault of [
    'version: 7, must be 2, one more than the policy before it',
    `there is no file of the key ${key}`,
    'roles.root.threshold: 2 of 1 people who have keys',
    "roles.snapshotter.people: 'eve' is not in people",
    "sets.b.path: overlaps the set 'a'",
  ])
    expect(stderr).toContain(
      `\n  ${stderr.includes('  people: ') && fault.startsWith('there') ? 'people: ' : ''}${fault}`,
    );
  write(repo, 'version: 2\nversion: 3\n');
  const twice = await repo.expect(3, ['snapshot', 'policy', 'check']);
  expect(twice.stderr).toContain(
    'is not YAML: Map keys must be unique at line 2, column 1:\n  version: 2\n  version: 3\n  ^\n',
  );
  expect(twice.stderr).toMatch(
    /hint: Nothing was changed\. Mend '.*policy\.yaml', or .*git snapshot policy show --yaml/,
  );
  write(repo, 'version: &two 2\nname: *two\n');
  const aliased = await repo.expect(3, ['snapshot', 'policy', 'check']);
  expect(aliased.stderr).toMatch(/has aliases, which a policy may not\nhint: Write out/);
});

test('diff shows what was and what becomes, and tells by its exit code where that is asked for', async () => {
  const repo = await governedRepo();
  write(repo, `${(await yaml(repo)).replace('exclude: []', 'exclude: ["*.tmp"]')}expires: 2099-01-01T00:00:00Z\n`);
  const { stdout } = await repo.expect(0, ['snapshot', 'policy', 'diff']);
  expect(stdout).toBe('expires\n  + 2099-01-01T00:00:00Z\nsets.artifacts.exclude\n  - nothing\n  + *.tmp\n');
  await repo.expect(1, ['snapshot', 'policy', 'diff', '--exit-code']);
  const { stderr } = await repo.expect(2, ['snapshot', 'policy', 'apply']);
  expect(stderr).toContain('hint: Pass --yes');
  expect(await repo.ok('snapshot', 'policy', 'apply', '--yes')).toMatch(/^policy version 2 is in force \(sha256:/);
  // The same file once more: its version is the one in force now.
  expect((await repo.expect(0, ['snapshot', 'policy', 'diff', '--exit-code'])).stderr).toContain('must be 3');
});

describe('what is asked before it is signed', () => {
  const apply: App['policy']['apply'] = async ({ confirm }) => {
    await confirm?.([{ path: 'roles.root.threshold', before: '1', after: '2\u001b[2J' }]);
    return {
      outcome: 'in-force',
      version: 2,
      digest: 'sha256:0',
      signatures: [],
      proposal: undefined,
      hasRemote: false,
    };
  };
  const { app } = fakeApp();
  const answering = { ...app, policy: { ...app.policy, apply } };

  test.each([
    ['y\n', 0, 'policy version 2 is in force'],
    ['n\n', 1, 'error: not confirmed, nothing was changed'],
    ['', 130, 'error: no answer'],
  ])('%j ends with %i', async (input, code, text) => {
    const result = await runCli(['policy', 'apply', '--no-color'], { app: answering, columns: 80, input });
    expect(result.code).toBe(code);
    expect(result.stderr).toContain('roles.root.threshold\n  - 1\n  + 2\\u{1b}[2J\nSign this? [y/N] ');
    expect(result.stdout + result.stderr).toContain(text);
  });

  test.each([
    [false, undefined, ''],
    [true, undefined, 'To share it: git snapshot push\n'],
    [false, 'a', 'The others type: git snapshot fetch && git snapshot policy sign a\n'],
    [true, 'a', 'To share it: git snapshot push\nThe others type: git snapshot fetch && git snapshot policy sign a\n'],
  ])('says how to share it only where it can be: %j, %j', async (hasRemote, proposal, advice) => {
    const outcome = proposal === undefined ? 'in-force' : 'proposed';
    const ref = proposal && `${PROPOSAL_REFS}${proposal}`;
    const signatures = [{ version: 1, signed: ['ada'], threshold: 2, others: ['ben'] }];
    const result = { outcome, version: 2, digest: 'sha256:0', signatures, proposal: ref, hasRemote } as const;
    const policy = { ...app.policy, apply: async () => result };
    expect((await runCli(['policy', 'apply', '--yes'], { app: { ...app, policy } })).stderr).toBe(advice);
  });

  test('nothing with --yes, and nobody where there is no terminal', async () => {
    expect((await runCli(['policy', 'apply', '--yes'], { app: answering, columns: 80 })).code).toBe(0);
    expect((await runCli(['policy', 'apply'], { app: answering, input: 'y\n' })).code).toBe(2);
  });
});

test('the documents are those that are promised', async () => {
  const { ada, ben } = await adaAndBen({ threshold: 1 });
  const document = async (name: keyof typeof DOCUMENTS, ...words: string[]) => {
    const { stdout, stderr } = await ada.expect(0, ['snapshot', ...words, '--json']);
    expect(stderr, words.join(' ')).toBe('');
    expect(
      DOCUMENTS[name].safeParse(JSON.parse(stdout)).error?.issues,
      `${words.join(' ')}: ${stdout}`,
    ).toBeUndefined();
  };
  await document('policy show', 'policy');
  await document('policy history', 'policy', 'history');
  await ada.write((policy) => {
    policy.roles['root'] = { people: [FIRST, 'ben'], threshold: 2 };
  });
  await document('policy check', 'policy', 'check');
  await document('policy diff', 'policy', 'diff');
  await document('policy apply', 'policy', 'apply', '--yes');
  await document('policy proposals', 'policy', 'proposals');
  const guest = await person('guest');
  await document('key add', 'key', 'add', guest.keyFile, '--person', 'guest', '--yes');
  await document('key add', 'key', 'revoke', guest.key, '--reason', 'lost', '--yes');
  await document('key rotate', 'key', 'rotate', '--yes');
  await document('key list', 'key', 'list');
  await document('key export', 'key', 'export');
  await document('trust', 'trust');
  await document('log --verify', 'log', '--verify');
  await document('log repair', 'log', 'repair', '--yes');
  await document('log', 'log', '--actor', FIRST);
  expect(ben.name).toBe('ben');
});

describe('schema', () => {
  test('needs no repository', async () => {
    const { code, stdout } = await runCli(['policy', 'schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse((await runCli(['policy', 'schema', '--json'])).stdout));
  });

  test('says which text a key and a name are', () => {
    const text = JSON.stringify(policyJsonSchema());
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, json = '']) =>
      RegExp(JSON.parse(json)),
    );
    const matches = (value: string) => patterns.some((pattern) => pattern.test(value));
    expect(matches(`openpgp:${'A'.repeat(40)}`)).toBe(true);
    expect(patterns.some((pattern) => pattern.source.includes('openpgp'))).toBe(true);
    expect(text).not.toContain('"not":{}');
  });
});

describe('docs/policy.md', () => {
  const text = readFileSync(DOC, 'utf8');

  test('its example passes the check', async () => {
    const [ada, ben] = [await person(FIRST), await person('ben')];
    await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
    const example = /```yaml\n(# \.snapshots\/policy\.yaml\n[\s\S]*?)```/.exec(text)?.[1] ?? '';
    const [first = '', second = ''] = example.match(/openpgp:[0-9A-F]{40}/g) ?? [];
    write(ada, example.replaceAll(first, ada.key).replaceAll(second, ben.key));
    mkdirSync(join(ada.dir, '.snapshots/keys'));
    writeFileSync(join(ada.dir, '.snapshots/keys/ben.asc'), readFileSync(ben.keyFile));
    expect(await ada.ok('snapshot', 'policy', 'check')).toContain('would be version 2');
  });
});

test('what is exported verifies tags with plain git', async () => {
  const repo = await governedRepo();
  writeFileSync(join(repo.root, 'a'), '1');
  const { ref } = await repo.take();
  const keys = await repo.ok('snapshot', 'key', 'export');
  const gnupg = join(repo.dir, '.gnupg');
  mkdirSync(gnupg, { mode: 0o700 });
  const env = { ...process.env, GNUPGHOME: gnupg };
  execFileSync('gpg', ['--batch', '-q', '--import'], { input: keys, env, stdio: ['pipe', 'ignore', 'ignore'] });
  execFileSync('git', ['verify-tag', ref], { cwd: repo.dir, env, stdio: 'ignore' });
});

test('check tells of schemas that no gate could use, and of all else with them', async () => {
  const repo = await governedRepo();
  const next = parse(await yaml(repo)) as Record<string, object>;
  const gate = (schema: string) => ({ type: 'json-schema', files: ['*.json'], schema });
  const schema = (name: string, text: string) => write(repo, text, `.snapshots/schemas/${name}.json`);
  mkdirSync(join(repo.dir, '.snapshots/schemas'), { recursive: true });
  schema('good', '{"type":"object"}');
  schema('bad', '{"tpye":"object"}');
  schema('odd', '{"type":"object",}');
  schema('unused', 'no JSON at all');
  const gates = { good: gate('good'), bad: gate('bad'), odd: gate('odd') };
  const environments = { staging: { approvals: { count: 2 }, soak: '3 days', form: 'x' } };
  write(repo, stringify({ ...next, gates, environments }));
  const { stderr } = await repo.expect(3, ['snapshot', 'policy', 'check']);
  expect(stderr).toContain('\n  environments.staging.soak: not a duration such as 30m, 12h or 7d\n');
  expect(stderr).toContain('\n  environments.staging.form: is not a field of a policy\n');
  expect(stderr).toMatch(
    /\n {2}environments\.staging\.approvals\.count: asks for 2, and at most 0 can approve \(not who took/,
  );
  expect(stderr).toMatch(/\n {2}schemas\/bad\.json: .*unknown keyword.*tpye/);
  expect(stderr).toMatch(/\n {2}schemas\/odd\.json: the schema /);
  expect(stderr).not.toContain('good');
  expect(stderr).not.toContain('unused');
  const places = /\nhint: See (.*)\.\n/.exec(stderr)?.[1]?.split(', ') ?? [];
  expect(places).toEqual(['docs/promotion-rules.md#every-rule', 'docs/gates.md']);
  expect((await repo.expect(3, ['snapshot', 'policy', 'apply', '--yes'])).stderr).toBe(stderr);

  write(repo, stringify({ ...next, gates: { good: gates.good } }));
  await repo.ok('snapshot', 'policy', 'apply', '--yes');
});

test('the places that faults point to are in the documents', () => {
  const headings = (file: string) =>
    readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('## '))
      .map((line) => line.slice(3).toLowerCase().replaceAll(' ', '-'));
  expect(headings('policy.md')).toEqual(expect.arrayContaining(['the-file', 'keys']));
  expect(headings('promotion-rules.md')).toContain('every-rule');
});
