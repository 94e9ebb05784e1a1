import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS, ErrorDocument } from '../../../src/cli/schemas/documents.ts';
import { look } from '../../support/governed-repo.ts';
import { FIRST, person } from '../../support/people.ts';

// Gates that a set asks for, when a snapshot of it is taken.

const RULES = {
  gates: {
    clean: { type: 'contract', forbidden: ['**/*.bak'], forbiddenText: ['SECRET'], labels: ['build'] },
    // What a program sees is what was stored, not the directory.
    seen: { type: 'command', argv: ['sh', '-c', 'test "$(cat a.txt)" != wrong'] },
    signed: { type: 'signature' },
  },
};

test('a set with gates', async () => {
  const ada = await person(FIRST);
  const refs = () => ada.git('for-each-ref');
  const put = (name: string, text: string) => writeFileSync(join(ada.root, name), text);
  await ada.ok('snapshot', 'init', '--yes', '--key', ada.key.slice('openpgp:'.length));
  put('a.txt', 'one');
  await ada.take('-m', 'before there were gates');
  const ask = (gates: string[]) =>
    ada.write((policy) => {
      Object.assign(policy, RULES);
      Object.assign(policy.sets['artifacts'] ?? {}, { gates });
    });
  await ask(['claen', 'signed', 'constructor']);
  const { stderr: faults } = await ada.expect(3, ['snapshot', 'policy', 'check']);
  expect(faults).toContain("\n  sets.artifacts.gates: there is no gate 'claen'\n");
  expect(faults).toContain("\n  sets.artifacts.gates: there is no gate 'constructor'\n");
  expect(faults).toContain("\n  sets.artifacts.gates: 'signed' is of type signature, and nothing is signed yet");
  expect(faults).toContain('\nhint: See docs/gates.md.\n');
  await ask(['clean', 'seen']);
  await ada.ok('snapshot', 'policy', 'apply', '--yes');

  // Where nothing has changed, nothing is asked.
  expect(await ada.json('snapshot', 'create')).toMatchObject({ created: false, gates: [] });

  // What passes is taken.
  put('a.txt', 'two');
  const dry = DOCUMENTS.create.parse(await ada.json('snapshot', 'create', '--dry-run'));
  expect(dry).toMatchObject({ gates: [], gatesNotRun: ['clean', 'seen'] });
  expect(await ada.ok('snapshot', '-n')).toContain(' gates, which a dry run leaves out: clean, seen\n');
  const taken = DOCUMENTS.create.parse(await ada.json('snapshot', 'create', '-l', 'build=1'));
  const passed = [
    { name: 'clean', type: 'contract', verdict: 'pass' },
    { name: 'seen', type: 'command', verdict: 'pass' },
  ];
  expect(taken).toMatchObject({ created: true, gates: passed });
  expect(await ada.ok('snapshot', '--force', '-l', 'build=2')).toContain(' gates passed: clean, seen\n');

  // Nothing else is, all that was found is told once, and everything stays as it was.
  put('old.bak', 'SECRET');
  put('a.txt', 'wrong');
  const [before, there] = [refs(), look(ada.root)];
  const { stdout, stderr } = await ada.expect(7, ['snapshot', '-m', 'no']);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    [
      '  FAIL  clean  3 violations',
      "        old.bak: matches '**/*.bak', which is forbidden",
      "        there is no label 'build'",
      "        old.bak: has 'SECRET' at byte 0, which is forbidden",
      '  FAIL  seen   exit code 1',
      '        it printed nothing',
      "error: no snapshot of 'artifacts' was taken: the gates clean, seen did not pass",
      'hint: Nothing was published, and the directory is as it was.',
      '',
    ].join('\n'),
  );
  expect([refs(), look(ada.root)]).toEqual([before, there]);
  const { error } = ErrorDocument.parse(JSON.parse((await ada.expect(7, ['snapshot', 'create', '--json'])).stderr));
  expect(error).toMatchObject({ kind: 'gate', gates: [{ name: 'clean', verdict: 'fail' }, { name: 'seen' }] });
  // Whatever it calls itself: only a rollback makes a backup that nothing holds up.
  await ada.expect(7, ['snapshot', '-l', 'auto=pre-rollback']);

  // A rollback goes through, and what was there is kept.
  const { backup } = await ada.json<{ backup: string }>('rollback', '--yes');
  expect(existsSync(join(ada.root, 'old.bak'))).toBe(false);
  expect(readFileSync(join(ada.root, 'a.txt'), 'utf8')).toBe('two');
  expect(await ada.ok('snapshot', 'show', backup)).toContain('pre-rollback');
  await ada.ok('rollback', '--undo', '--yes');
  expect(readFileSync(join(ada.root, 'a.txt'), 'utf8')).toBe('wrong');
});
