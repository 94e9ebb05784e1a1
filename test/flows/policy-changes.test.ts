import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adaAndBen, FIRST, type Person, type WrittenPolicy } from '../support/people.ts';

/** Changes the directory and takes a snapshot of it. */
async function take(who: Person, text: string) {
  writeFileSync(join(who.root, 'a.txt'), text);
  return who.take('-m', text);
}

interface LogDocument {
  readonly ok: boolean;
  readonly events: number;
  readonly policyVersion: number;
  readonly findings: readonly { readonly rule: string; readonly detail: string }[];
}

const verifyLog = (who: Person) => who.json<LogDocument>('snapshot', 'log', '--verify');

async function verdicts(who: Person): Promise<Record<string, boolean>> {
  const { results } = await who.json<{ results: { id: string; ok: boolean }[] }>('snapshot', 'verify', '--all');
  return Object.fromEntries(results.map(({ id, ok }) => [id, ok]));
}

describe('where two people must agree', () => {
  test('one proposes, the other signs in a clone, and it comes into force with one event', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 2 });
    const before = ada.git('rev-parse', 'refs/snapshot-policy/current');
    await ada.write((policy) => {
      policy.sets['models'] = { path: 'models' };
    });
    const proposed = await ada.json<{ outcome: string; version: number; proposal: string }>(
      'snapshot',
      'policy',
      'apply',
      '--yes',
    );
    expect(proposed).toMatchObject({ outcome: 'proposed', version: 4 });
    expect(ada.git('rev-parse', 'refs/snapshot-policy/current')).toBe(before);
    expect(ada.git('for-each-ref', '--format=%(refname)', 'refs/snapshot-policy/proposals')).toBe(proposed.proposal);
    // Her own signature is not counted twice.
    expect(await ada.ok('snapshot', 'policy', 'sign', '--yes')).toContain('missing: 1 more of version 3: ben');

    // Nor does it get lost where she applies the file again.
    expect(await ada.ok('snapshot', 'policy', 'apply', '--yes')).toContain('signed by 1 of 2 root people of version 3');

    ben.pull(ada);
    ben.git('remote', 'add', 'origin', ada.dir);
    const events = (await verifyLog(ben)).events;
    const { stdout, stderr } = await ben.expect(0, ['snapshot', 'policy', 'sign', '4', '--yes']);
    expect(stdout).toContain('policy version 4 is in force');
    expect(stderr).toContain('git snapshot push');
    expect(ben.git('for-each-ref', 'refs/snapshot-policy/proposals')).toBe('');
    ada.pull(ben);
    expect(await verifyLog(ada)).toMatchObject({ ok: true, events: events + 1, policyVersion: 4, findings: [] });
    const history = await ada.json<{ since: { actor: string }; signatures: { signed: string[] }[] }[]>(
      'snapshot',
      'policy',
      'history',
    );
    expect(history[0]).toMatchObject({
      version: 4,
      since: { actor: 'ben' },
      signatures: [
        { version: 3, signed: [FIRST, 'ben'], threshold: 2, others: [] },
        { version: 4, signed: [FIRST, 'ben'], threshold: 2, others: [] },
      ],
      changes: [
        { path: 'sets.models.exclude', before: null, after: '' },
        { path: 'sets.models.path', before: null, after: 'models' },
      ],
    });
  });

  test('the same file, applied by the other, is a signature too', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 2 });
    const change = (policy: WrittenPolicy) => {
      policy.sets['models'] = { path: 'models' };
    };
    await ada.write(change);
    await ada.ok('snapshot', 'policy', 'apply', '--yes');
    ben.pull(ada);
    await ben.write(change);
    expect(await ben.ok('snapshot', 'policy', 'apply', '--yes')).toContain('policy version 4 is in force');
    expect(ben.git('for-each-ref', 'refs/snapshot-policy/proposals')).toBe('');
  });

  test('somebody without a role may propose, and puts nothing in force', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    await ada.write((policy) => {
      policy.roles['root'] = [FIRST];
    });
    await ada.ok('snapshot', 'policy', 'apply', '--yes');
    ben.pull(ada);
    await ben.write((policy) => {
      policy.roles['root'] = ['ben'];
    });
    expect(await ben.ok('snapshot', 'policy', 'apply', '--yes')).toContain('missing: 1 more of version 4: ada-example');
    ada.pull(ben);
    expect(await ada.ok('snapshot', 'policy', 'sign', '5', '--yes')).toContain('policy version 5 is in force');
    const again = (version: string) => ada.expect(4, ['snapshot', 'policy', 'sign', version, '--yes']);
    expect((await again('5')).stderr).toContain('version 5 of the policy is in force already');
    expect((await again('4')).stderr).toContain('was in force already; now it is version 5');
    expect((await again('6')).stderr).toContain("no proposed policy is called '6'");
    expect(await verifyLog(ada)).toMatchObject({ ok: true, policyVersion: 5 });
  });

  test('what is no policy in the place of a proposal stands in nobody’s way', async () => {
    const { ada } = await adaAndBen({ threshold: 2 });
    await ada.write((policy) => {
      policy.sets['models'] = { path: 'models' };
    });
    const { proposal } = await ada.json<{ proposal: string }>('snapshot', 'policy', 'apply', '--yes');
    ada.git('update-ref', proposal, ada.git('rev-parse', 'refs/notes/snapshots'));
    const { stdout, stderr } = await ada.expect(0, ['snapshot', 'policy', 'proposals']);
    expect([stdout, stderr]).toEqual(['', expect.stringContaining(`warning: '${proposal}' is not a policy`)]);
    expect(await ada.ok('snapshot', 'policy', 'apply', '--yes')).toContain('is proposed');
    expect(await ada.json('snapshot', 'policy', 'proposals')).toMatchObject([{ stale: false }]);
  });

  test('a proposal that something else overtook is refused, and said to be stale', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 2 });
    for (const name of ['one', 'two']) {
      await ada.write((policy) => {
        policy.sets[name] = { path: name };
      });
      await ada.ok('snapshot', 'policy', 'apply', '--yes');
    }
    ben.pull(ada);
    const two = await ben.json<{ ref: string }[]>('snapshot', 'policy', 'proposals');
    expect(two).toMatchObject([{ stale: false }, { stale: false }]);
    expect((await ben.expect(2, ['snapshot', 'policy', 'sign', '--yes'])).stderr).toContain('several policies wait');
    const [first = '', second = ''] = two.map(({ ref }) => ref.split('/').at(-1) ?? '');
    await ben.ok('snapshot', 'policy', 'sign', first, '--yes');
    expect(await ben.json('snapshot', 'policy', 'proposals')).toMatchObject([{ stale: true }]);
    const { stderr } = await ben.expect(5, ['snapshot', 'policy', 'sign', second, '--yes']);
    expect(stderr).toContain('does not follow the policy in force');
  });

  test('a policy that one of them puts in force alone is believed by nobody', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 2 });
    await ada.write((policy) => {
      policy.roles['root'] = [FIRST];
    });
    const { proposal } = await ada.json<{ proposal: string }>('snapshot', 'policy', 'apply', '--yes');
    ada.git('update-ref', 'refs/snapshot-policy/current', proposal);
    ben.pull(ada);
    for (const who of [ada, ben]) {
      const { stderr } = await who.expect(6, ['snapshot', 'status']);
      expect(stderr).toContain('is signed by 1 of 2 root people of version 3 (ada-example)');
    }
  });
});

describe('the order of versions', () => {
  test('a version that is equal, skips one or was there before cannot follow', async () => {
    const { ada } = await adaAndBen({ threshold: 1 });
    for (const version of [3, 5, 1]) {
      await ada.write((policy) => {
        policy.version = version;
      });
      for (const action of ['check', 'apply']) {
        const { stderr } = await ada.expect(3, [
          'snapshot',
          'policy',
          action,
          ...(action === 'apply' ? ['--yes'] : []),
        ]);
        expect(stderr).toContain(`version: ${version}, must be 4, one more than the policy before it`);
      }
    }
  });

  test('a policy that went back is refused, until that is accepted', async () => {
    const { ada } = await adaAndBen({ threshold: 1 });
    const [policy, log] = ['refs/snapshot-policy/current', 'refs/notes/snapshots'];
    const old = [ada.git('rev-parse', policy), ada.git('rev-parse', log)];
    await ada.write((next) => {
      next.sets['models'] = { path: 'models' };
    });
    await ada.ok('snapshot', 'policy', 'apply', '--yes');
    ada.git('update-ref', policy, old[0] ?? '');
    ada.git('update-ref', log, old[1] ?? '');
    const { stderr } = await ada.expect(6, ['snapshot', 'status']);
    expect(stderr).toContain('is version 3');
    expect(stderr).toContain('this clone has seen version 4');
    expect(await ada.ok('snapshot', 'trust', 'accept', '--yes')).toContain('Seen here:   nothing');
    expect(await verifyLog(ada)).toMatchObject({ ok: true, policyVersion: 3 });
    await take(ada, 'goes on');
  });

  test('a policy that was put there without its event is found', async () => {
    const { ada } = await adaAndBen({ threshold: 1 });
    const log = ada.git('rev-parse', 'refs/notes/snapshots');
    await ada.write((next) => {
      next.sets['models'] = { path: 'models' };
    });
    await ada.ok('snapshot', 'policy', 'apply', '--yes');
    ada.git('update-ref', 'refs/notes/snapshots', log);
    const { code, stdout } = await ada.run(['snapshot', 'log', '--verify']);
    expect(code).toBe(1);
    expect(stdout).toContain('version 4 of the policy is in its ref, and the log knows of version 3');
    writeFileSync(join(ada.root, 'a.txt'), 'x');
    await ada.expect(6, ['snapshot', 'create']);
  });
});

describe('keys', () => {
  test('what a retired key signed stays good, and it signs no more', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    const old = await take(ben, 'by ben');
    ada.pull(ben);
    await ada.ok('snapshot', 'key', 'retire', 'ben', '--yes');
    expect(await verdicts(ada)).toEqual({ [old.id]: true });
    ben.pull(ada);
    writeFileSync(join(ben.root, 'a.txt'), 'later');
    expect((await ben.expect(6, ['snapshot', 'create'])).stderr).toContain(
      'you have the private key of nobody in the policy',
    );
    expect(await ada.json('snapshot', 'key', 'list')).toMatchObject([
      { person: FIRST, status: 'active' },
      { person: 'ben', status: 'retired', key: ben.key },
    ]);
  });

  test('what a revoked key signed from an event on is bad, what is before that stays good', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    const good = await take(ben, 'before');
    const bad = await take(ben, 'stolen by now');
    ada.pull(ben);
    const after = await take(ada, 'by ada');
    const events = await ada.json<{ seq: number; snapshot: string }[]>('snapshot', 'log');
    const since = events.find(({ snapshot }) => snapshot === bad.id)?.seq ?? 0;
    expect(
      await ada.ok('snapshot', 'key', 'revoke', ben.key, '--reason', 'compromised', '--since', String(since), '--yes'),
    ).toContain('in force');
    const expected = { [good.id]: true, [bad.id]: false, [after.id]: true };
    expect(await verdicts(ada)).toEqual(expected);
    expect(await verifyLog(ada)).toMatchObject({
      ok: true,
      voided: [{ detail: expect.stringContaining('compromised') }],
    });
    // Also for who has seen none of it before.
    ben.pull(ada);
    await ben.ok('snapshot', 'trust', 'accept', '--yes');
    expect(await verdicts(ben)).toEqual(expected);
    await ada.expect(6, ['rollback', bad.id, '--yes']);
    await ada.expect(0, ['rollback', good.id, '--yes']);
    expect((await ada.expect(5, ['snapshot', 'key', 'add', ben.keyFile, '--person', 'ben', '--yes'])).stderr).toContain(
      'was revoked',
    );
  });

  test('a revocation cannot be taken back or made later', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    await ada.ok('snapshot', 'key', 'revoke', 'ben', '--reason', 'lost', '--since', '2', '--yes');
    for (const [since, fault] of [
      [undefined, `revoked.${ben.key}: is missing, and a revocation stays`],
      [3, `revoked.${ben.key}.since: is later than before (2)`],
    ] as const) {
      await ada.write((policy) => {
        policy.revoked = since === undefined ? {} : { [ben.key]: { reason: 'lost', since } };
      });
      expect((await ada.expect(3, ['snapshot', 'policy', 'check'])).stderr).toContain(fault);
    }
  });

  test('a rotated key: the new one signs, what the old one signed verifies', async () => {
    const { ada, ben } = await adaAndBen({ threshold: 1 });
    const old = await take(ben, 'old key');
    const rotated = await ben.json<{ retired: string; added: string }>('snapshot', 'key', 'rotate', '--yes');
    expect(rotated).toMatchObject({ outcome: 'in-force', retired: ben.key });
    const fresh = await take(ben, 'new key');
    expect(ben.git('cat-file', '-p', fresh.tag)).toContain('BEGIN PGP SIGNATURE');
    ada.pull(ben);
    expect(await verdicts(ada)).toEqual({ [old.id]: true, [fresh.id]: true });
    const [latest] = await ada.json<{ key: string; actor: string }[]>('snapshot', 'log', '-n', '1');
    expect(latest).toMatchObject({ key: rotated.added, actor: 'ben' });
  });
});

test('the roles of a set stand in the place of those for all', async () => {
  const { ada, ben } = await adaAndBen({ threshold: 1 });
  await ada.write((policy) => {
    policy.sets = { artifacts: { path: 'artifacts', roles: { snapshotter: [FIRST] } }, other: { path: 'other' } };
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  expect(await ada.ok('snapshot', 'policy')).toMatch(/\nsnapshotter +1 {2}ada-example +artifacts\n/);
  ben.pull(ada);
  writeFileSync(join(ben.root, 'a.txt'), 'x');
  expect((await ben.expect(6, ['snapshot', 'create', '--set', 'artifacts'])).stderr).toContain(
    'The policy gives it to: ada-example.',
  );
  mkdirSync(join(ben.dir, 'other'));
  writeFileSync(join(ben.dir, 'other/a.txt'), 'x');
  await ben.expect(0, ['snapshot', 'create', '--set', 'other']);
});

test('under a policy that ran out only rollbacks and the next policy are accepted', async () => {
  const { ada } = await adaAndBen({ threshold: 1 });
  const { id } = await take(ada, 'in time');
  await ada.write((policy) => {
    policy.expires = '2020-01-01T00:00:00Z';
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  expect(await ada.ok('snapshot', 'policy')).toContain('Expires:    2020-01-01T00:00:00Z, which is past');
  writeFileSync(join(ada.root, 'a.txt'), 'too late');
  expect((await ada.expect(6, ['snapshot', 'create'])).stderr).toContain('the policy ran out at 2020-01-01T00:00:00Z');
  // What is there is backed up first, and that goes on too.
  await ada.ok('rollback', '--yes', id);
  expect((await verifyLog(ada)).ok).toBe(true);
  const soon = `${new Date(Date.now() + 5.5 * 86_400_000).toISOString().slice(0, 19)}Z`;
  await ada.write((policy) => {
    policy.expires = soon;
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  writeFileSync(join(ada.root, 'a.txt'), 'soon');
  expect((await ada.expect(0, ['snapshot', 'create'])).stderr).toContain(`the policy runs out in 5 days, at ${soon}`);
  await ada.write((policy) => {
    delete policy.expires;
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes');
  await take(ada, 'again');
  expect((await verdicts(ada))[id]).toBe(true);
});

test('a log that went back cannot be repaired, and can be accepted', async () => {
  const { ada } = await adaAndBen({ threshold: 1 });
  const log = ada.git('rev-parse', 'refs/notes/snapshots');
  const { ref } = await take(ada, 'one');
  ada.git('update-ref', 'refs/notes/snapshots', log);
  ada.git('update-ref', '-d', ref);
  const found = await ada.expect(1, ['snapshot', 'log', '--verify']);
  expect(found.stdout).toContain('BAD went-back\n');
  expect(found.stdout).toContain('the log went back: event 4');
  expect((await ada.expect(6, ['snapshot', 'log', 'repair', '--yes'])).stderr).toContain('git snapshot trust accept');
  await ada.ok('snapshot', 'trust', 'accept', '--yes');
  expect(await verifyLog(ada)).toMatchObject({ ok: true, events: 3 });
});

test('a log that somebody wrote on is mended by an event', async () => {
  const { ada } = await adaAndBen({ threshold: 1 });
  const { id, tag } = await take(ada, 'one');
  ada.git('notes', '--ref=snapshots', 'append', '-m', 'by hand', tag);
  const intruder = ada.git('rev-parse', 'refs/notes/snapshots');
  writeFileSync(join(ada.root, 'a.txt'), 'two');
  expect((await ada.expect(6, ['snapshot', 'create'])).stderr).toContain('log repair');
  expect((await ada.expect(2, ['snapshot', 'log', 'repair'])).stderr).toContain('hint: Pass --yes');

  expect(await ada.json('snapshot', 'log', 'repair', '--yes', '-m', 'a note by hand')).toMatchObject({
    outcome: 'repaired',
    seq: 5,
    skipped: [{ commit: intruder, detail: expect.stringContaining('not signed') }],
    notes: true,
  });
  expect(ada.git('notes', '--ref=snapshots', 'show', tag)).not.toContain('by hand\n');
  expect(await verifyLog(ada)).toMatchObject({ ok: true, findings: [] });
  expect(await ada.ok('snapshot', 'log', '--type', 'repair')).toContain('a note by hand');
  const two = await ada.take('-m', 'two');
  expect(await verdicts(ada)).toEqual({ [id]: true, [two.id]: true });
  expect(await ada.ok('snapshot', 'log', 'repair', '--yes')).toBe('nothing to repair\n');
});
