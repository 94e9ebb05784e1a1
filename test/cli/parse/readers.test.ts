import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROGRAMS, type Program } from '../../../src/cli/commands/table.ts';
import type { RunnableCommand } from '../../../src/cli/handler.ts';
import { readFully } from '../../../src/cli/parse/read-fully.ts';
import { readQuickly } from '../../../src/cli/parse/read-quickly.ts';
import { optionsOf } from '../../../src/cli/parse/spell-out.ts';
import { COMMAND_SPECS } from '../../../src/cli/specs/all.ts';

const SNAPSHOT = PROGRAMS['git-snapshot'];
const ROLLBACK = PROGRAMS['git-rollback'];

const LOADED = await Promise.all(SNAPSHOT.commands.map((command) => command.load()));
const ROLLBACK_COMMAND = await ROLLBACK.fallback.load();

async function bothRead(program: Program, argv: readonly string[]) {
  const quick = await readQuickly(program, argv);
  const full = await readFully(program, argv, 80);
  return { quick, full };
}

/** Words that a person might type for a command: right ones, wrong ones, and ones that parsers stumble over. */
function commandLines({ spec }: RunnableCommand): fc.Arbitrary<string[]> {
  const value = fc.oneof(
    fc.constantFrom(
      '',
      '-',
      '--',
      '-x',
      '--force',
      '=',
      'a=b',
      '"q"',
      "'q'",
      '"',
      '7',
      '0',
      '1e3',
      '-5',
      'true',
      'text',
      'sha256sum',
      'a\nb',
      '__proto__',
      'é漢',
    ),
    fc.string({ maxLength: 6 }),
  );
  const option = fc.constantFrom(...optionsOf(spec).filter(({ name }) => name !== 'help' && name !== 'version'));
  const typed = fc.tuple(option, value, fc.nat(5)).map(([{ name, short, type }, text, manner]) => {
    const long = name.length === 1 ? `-${name}` : `--${name}`;
    const brief = short === undefined ? long : `-${short}`;
    if (manner === 5) return [`${long}=${text}`];
    if (type === 'flag') return [manner === 0 ? long : brief];
    if (manner === 0) return [long];
    if (manner === 1) return [brief, text];
    if (manner === 2) return [`${brief}${text}`];
    return [long, text];
  });
  const stray = fc
    .oneof(value, fc.constantFrom('latest', 'latest~1', '-z', '--nope', '--no-json', '-qv', '-qz', '--js'))
    .map((word) => [word]);
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: typed }, { weight: 1, arbitrary: stray }), { maxLength: 5 })
    .map((parts) => parts.flat());
}

describe('the quick reader and yargs', () => {
  test.each(LOADED.map((command) => [command.spec.name, command] as const))('agree on %s', async (name, command) => {
    await fc.assert(
      fc.asyncProperty(commandLines(command), async (rest) => {
        const { quick, full } = await bothRead(SNAPSHOT, [name, ...rest]);
        if (full.kind === 'run') expect(quick).toEqual(full.invocation);
        else expect(quick).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('agree on git rollback', async () => {
    await fc.assert(
      fc.asyncProperty(commandLines(ROLLBACK_COMMAND), async (rest) => {
        const { quick, full } = await bothRead(ROLLBACK, rest);
        if (full.kind === 'run') expect(quick).toEqual(full.invocation);
        else expect(quick).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('give text values as they were typed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 3 }), async (messages) => {
        const argv = messages.flatMap((message, i) => (i % 2 === 0 ? ['-m', message] : [`--message=${message}`]));
        expect((await readQuickly(SNAPSHOT, argv))?.args['message']).toEqual(messages);
      }),
    );
  });
});

describe('right command lines', () => {
  test.each<[line: string[], command: string, args: object]>([
    [[], 'create', { message: [], force: false, dryRun: false }],
    [['-m', 'x'], 'create', { message: ['x'] }],
    [['-m', 'list'], 'create', { message: ['list'] }],
    [['-mlist'], 'create', { message: ['list'] }],
    [['create', '-m', '-x', '-m', '"y"'], 'create', { message: ['-x', '"y"'] }],
    [['-n', '--force'], 'create', { dryRun: true, force: true }],
    [['-q', 'list', '-n5'], 'list', { limit: 5 }],
    [['-C', 'list', 'show'], 'show', { snapshot: undefined }],
    [['-C/tmp', '--json', 'ls'], 'list', {}],
    [['list', '--limit', '3', '--limit=4'], 'list', { limit: 4 }],
    [['list', '-la=b', '-l', 'c=d'], 'list', { label: ['a=b', 'c=d'] }],
    [['verify', 'a', '--quick', 'b'], 'verify', { snapshot: ['a', 'b'], quick: true }],
    [['verify', '--', 'a'], 'verify', { snapshot: ['a'] }],
    [['diff', '20261122', '20261123', '--path', 'a'], 'diff', { from: '20261122', to: '20261123', path: ['a'] }],
    [['rollback', '--steps', '2', '-y'], 'rollback', { steps: 2, yes: true, snapshot: undefined }],
    [['create', '-n', '-F', 'true'], 'create', { dryRun: true, file: 'true' }],
    [['completion', 'zsh'], 'completion', { shell: 'zsh' }],
  ])('%j is %s', async (argv, command, args) => {
    const read = await readQuickly(SNAPSHOT, argv);
    expect(read?.command.spec.name).toBe(command);
    expect(read?.args).toMatchObject(args);
  });

  test('the first word of git rollback is a snapshot, even if it is a name of a command', async () => {
    expect((await readQuickly(ROLLBACK, ['list']))?.args['snapshot']).toBe('list');
  });
});

test('the help of a program leads to its pages, that of a command does not', async () => {
  const helpOf = async (program: Program, ...argv: string[]) => {
    const reading = await readFully(program, argv, 80);
    return reading.kind === 'help' ? reading.text : '';
  };
  for (const text of [await helpOf(SNAPSHOT, '-h'), await helpOf(SNAPSHOT, 'help'), await helpOf(ROLLBACK, '--help')]) {
    const [, file = ''] = /^ {2}(\/.*\/rollback-playbook\.md)$/m.exec(text) ?? [];
    expect(existsSync(file), text).toBe(true);
  }
  expect(await helpOf(SNAPSHOT, 'list', '-h')).not.toContain('playbook');
});

describe('wrong command lines', () => {
  test.each<[line: string[], message: string]>([
    [['lst'], "'lst' is not a command of git snapshot, did you mean 'list'?"],
    [['delete', 'x'], "'delete' is not a command of git snapshot, did you mean 'prune' or 'erase'?"],
    [['rm', 'x'], "'rm' is not a command of git snapshot, did you mean 'prune' or 'erase'?"],
    [['commit', '-m', 'x'], "'commit' is not a command of git snapshot, did you mean 'create'?"],
    [['xyzzy'], "'xyzzy' is not a command of git snapshot"],
    [['list', '--limt', '3'], "unknown option '--limt', did you mean '--limit'?"],
    [['--forse'], "unknown option '--forse', did you mean '--force'?"],
    [['list', '-z'], "unknown option '-z'"],
    [['list', '-_'], "unknown option '-_'"],
    [['list', '--$0=x'], "unknown option '--$0'"],
    [['--force', 'list'], "unexpected argument 'list'"],
    [['list', '--limit'], "option '--limit' needs a value"],
    [['list', '--limit', 'x'], "option '--limit' takes a whole number above 0, not 'x'"],
    [['list', '--limit', '0'], "option '--limit' takes a whole number above 0, not '0'"],
    [['create', '--force=yes'], "option '--force' takes no value"],
    [['create', '-m', 'x', '-F', 'y'], "'--message' and '--file' cannot be used together"],
    [['manifest', '--format', 'xml'], "option '--format' takes text or sha256sum, not 'xml'"],
    [['show', 'a', 'b'], "unexpected argument 'b'"],
    [['show', '-q', 'true', 'false'], "unexpected argument 'false'"],
    [['show', '--', '-a'], "unexpected argument '-a'"],
    [['restore'], 'no snapshot given'],
    [['verify', 'a', '--all'], "'<snapshot>' and '--all' cannot be used together"],
    [['rollback', '--continue', '--abort'], "'--continue' and '--abort' cannot be used together"],
    [['rollback', 'latest', '--steps', '2'], "'<snapshot>' and '--steps' cannot be used together"],
    [['rollback', '--undo', '--path', 'a'], "'--undo' and '--path' cannot be used together"],
    [['completion', 'tcsh'], "argument 'shell' takes bash, zsh or fish, not 'tcsh'"],
  ])('%j: %s', async (argv, message) => {
    const { quick, full } = await bothRead(SNAPSHOT, argv);
    expect(quick).toBeUndefined();
    expect(full).toMatchObject({ kind: 'wrong', message });
  });

  test('every pair that a command excludes is refused by name', async () => {
    for (const { spec } of LOADED) {
      for (const pair of spec.conflicts) {
        const argv = pair.flatMap((name) => {
          const option = optionsOf(spec).find((candidate) => candidate.name === name);
          if (option === undefined) return [spec.positionals.find((p) => p.name === name)?.choices?.[0] ?? 'latest'];
          if (option.type === 'flag') return [`--${name}`];
          return [`--${name}`, option.choices?.[0] ?? '1'];
        });
        const { quick, full } = await bothRead(SNAPSHOT, [spec.name, ...argv]);
        expect(quick).toBeUndefined();
        expect(full).toMatchObject({ kind: 'wrong', message: expect.stringContaining('cannot be used together') });
      }
    }
  });
});

describe('the table', () => {
  test('has each command under the names that it says, all of them in help but for those of our own scripts', () => {
    const names = ({ name, alias }: { name: string; alias?: string }) => [name, alias];
    expect(SNAPSHOT.commands.map(names)).toEqual(LOADED.map(({ spec }) => names(spec)));
    const own = ['hook', 'rehearse-and-die'];
    expect(LOADED.map(({ spec }) => spec).filter(({ name }) => !own.includes(name))).toEqual(COMMAND_SPECS);
  });

  test('names no option twice, and conflicts of names that exist', () => {
    for (const { spec } of LOADED) {
      const spellings = optionsOf(spec).flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
      expect(new Set(spellings).size, spec.name).toBe(spellings.length);
      const names = [...optionsOf(spec), ...spec.positionals].map(({ name }) => name);
      for (const name of spec.conflicts.flat()) expect(names, spec.name).toContain(name);
    }
  });

  test('every example is a command line that is right', async () => {
    for (const { spec } of LOADED) {
      for (const { command } of spec.examples) {
        const [line = ''] = command.split(/ [|(]+ ?| \|\| /);
        const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
        const program = words[1] === 'rollback' ? ROLLBACK : SNAPSHOT;
        expect(await readQuickly(program, words.slice(2)), command).toBeDefined();
      }
    }
  });
});
