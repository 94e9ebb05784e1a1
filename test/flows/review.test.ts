import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { reviewNotes } from '../../src/cli/render/review/review-notes.ts';
import type { ReviewOptions } from '../../src/flows/promotion/review.ts';
import { reviewPromotion } from '../../src/flows/promotion/review.ts';
import type { ReviewResult } from '../../src/flows/promotion/review-result.ts';
import { contextOf, decide, ONE_APPROVAL, peopleWith, promote, put } from '../cli/review/scene.ts';
import { FIRST, type Person } from '../support/people.ts';

async function look(who: Person, options: Partial<ReviewOptions> = {}, nowMs?: () => number): Promise<ReviewResult> {
  const ctx = await contextOf(who, nowMs);
  onTestFinished(() => ctx.store.close());
  const choice = { set: undefined, environment: undefined, number: undefined, quick: false, rerun: false };
  return reviewPromotion(ctx, { ...choice, ...options });
}

const notes = (result: ReviewResult) =>
  reviewNotes({ result, files: [] }).map(({ level, text }) => `${level}: ${text}`);

/** Everything that is stored: refs with their values, and the names of all objects. */
const stored = ({ git }: Person) =>
  `${git('for-each-ref')}\n${git('cat-file', '--batch-all-objects', '--batch-check')}`;

async function take(who: Person, text: string) {
  put(who, new Map([['a.txt', `${text}\n`]]));
  return who.take('-m', text);
}

test('from the promotion to its approval, and what came before it', async () => {
  const { ada, ben } = await peopleWith(ONE_APPROVAL);
  await expect(look(ada)).rejects.toMatchObject({ kind: 'not-found', message: 'no promotion waits anywhere' });
  const first = await take(ada, 'first');
  await promote(ada, 'production');
  const initial = await look(ada);
  expect(initial.before).toBeUndefined();
  expect(initial.changes).toMatchObject([{ status: 'A', path: 'a.txt', to: { size: 6, mode: 0o100644 } }]);
  expect(notes(initial)).toEqual(['note: the first of production: all is new']);
  await decide({ ada, ben }, 'production', 'approve');

  put(ada, new Map([['b.txt', 'new\n']]));
  const second = await take(ada, 'second');
  await promote(ada, 'production', { message: 'Why it is good\n\nAnd more of it.' });
  const before = stored(ada);
  const pending = await look(ada, { rerun: true });
  expect(stored(ada)).toBe(before);
  expect(pending).toMatchObject({
    promotion: { environment: 'production', number: 2, status: 'pending', reason: 'Why it is good' },
    body: expect.stringContaining('And more of it.'),
    live: { number: 1 },
    snapshot: { id: second.id, number: 2, info: { message: 'second' } },
    before: { id: first.id, number: 1, info: { message: 'first' } },
    changes: [
      { status: 'M', path: 'a.txt', from: { size: 6 }, to: { size: 7 } },
      { status: 'A', path: 'b.txt', from: undefined },
    ],
    gates: [
      {
        name: 'manifest',
        type: 'manifest',
        isRequired: true,
        recorded: { verdict: 'pass' },
        rerun: { verdict: 'pass' },
      },
    ],
    signers: [
      { deed: 'took the snapshot', person: FIRST, key: ada.key, reason: 'second' },
      { deed: 'promoted', person: FIRST, key: ada.key, reason: 'Why it is good' },
    ],
    missing: { count: 1, people: [{ person: 'ben', name: 'Ben Example' }], rejectedBy: [] },
    isDeep: true,
    isSound: true,
  });
  expect(pending.gates[0]?.rerun?.evidence).toBe(pending.gates[0]?.recorded?.evidence);
  for (const { checks } of [pending, pending.snapshot, pending.before ?? pending]) {
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  }
  expect(pending.snapshot.checks.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['signature', 'log', 'content', 'manifest']),
  );
  expect(notes(pending)).toEqual([]);
  const quick = await look(ada, { quick: true });
  expect(quick.snapshot.checks.map(({ check }) => check)).not.toContain('content');
  expect(notes(quick)).toEqual(['warning: content was not verified (--quick)']);

  await decide({ ada, ben }, 'production', 'reject', 'Not on a Friday');
  const rejected = await look(ada, { environment: 'production' });
  expect(rejected).toMatchObject({
    promotion: { status: 'rejected' },
    missing: { count: 1, rejectedBy: ['ben'] },
    signers: [{}, {}, { deed: 'rejected', person: 'ben', key: ben.key, reason: 'Not on a Friday', leftOut: undefined }],
  });
  expect(notes(rejected)).toEqual(['bad: rejected by ben']);
  await decide({ ada, ben }, 'production', 'approve', 'Monday');
  await expect(look(ada, { environment: 'production' })).rejects.toMatchObject({ kind: 'not-found' });
  const live = await look(ada, { environment: 'production', number: 2 });
  // What it took the place of, not what is live now.
  expect(live).toMatchObject({
    promotion: { status: 'live' },
    before: { id: first.id },
    missing: { count: 0, people: [] },
  });
  expect((await look(ada, { environment: 'production', number: 1 })).promotion.status).toBe('superseded');
  await expect(look(ada, { environment: 'production', number: 3 })).rejects.toMatchObject({ kind: 'not-found' });
  await expect(look(ada, { environment: 'nowhere' })).rejects.toMatchObject({ kind: 'not-found' });
});

test('what has changed around it since is said', async () => {
  const rules = {
    gates: { size: { type: 'manifest' } },
    environments: {
      staging: {},
      production: {
        from: 'staging',
        soak: '1s',
        approvals: { count: 1, excludePromoter: false, excludeAuthor: false },
        gates: ['size'],
      },
      lab: { approvals: { count: 1 }, breakGlass: true },
    },
  };
  const { ada, ben } = await peopleWith(rules);
  const first = await take(ada, 'first');
  await promote(ada, 'staging');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await promote(ada, 'production');
  expect((await look(ada)).origin).toEqual({
    environment: 'staging',
    snapshot: first.id,
    isSame: true,
    soakLeftSec: 0,
  });

  await promote(ada, 'lab');
  await expect(look(ada)).rejects.toMatchObject({
    kind: 'usage',
    message: 'several promotions wait: lab/1, production/1',
  });
  await decide({ ada, ben }, 'lab', 'approve');

  const second = await take(ada, 'second');
  await promote(ada, 'staging');
  await promote(ada, 'lab', { breakGlass: true });
  await ada.write((policy) => {
    const freeze = [{ name: 'End of year', zone: 'UTC', fromDay: '2000-01-01', toDay: '2100-01-01' }];
    const { environments } = policy as unknown as typeof rules;
    Object.assign(policy, {
      environments: { ...environments, production: { ...environments.production, freeze, gates: ['size', 'other'] } },
      gates: { ...rules.gates, other: { type: 'signature' } },
    });
  });
  await ada.ok('snapshot', 'policy', 'apply', '--yes', '-q');
  const result = await look(ada, { rerun: true });
  expect(result).toMatchObject({
    origin: { environment: 'staging', snapshot: second.id, isSame: false, soakLeftSec: undefined },
    frozen: ['End of year'],
    gates: [{ name: 'size' }, { name: 'other', isRequired: true, recorded: undefined, rerun: { verdict: 'pass' } }],
    isSound: true,
  });
  expect(notes(result)).toEqual([
    'warning: the gate other is asked for now and was not run when it was promoted',
    'warning: promoted under version 4 of the policy; version 5 is in force',
    `warning: it is not live in staging any more: ${second.id} is`,
    'warning: production is frozen now: End of year',
    'note: the first of production: all is new',
  ]);
  expect(notes(await look(ada, { environment: 'lab', number: 2 }))[0]).toBe(
    'bad: made past the rules of the environment (break-glass)',
  );
});

test('what is not sound is a result', async () => {
  const { ada, ben } = await peopleWith(ONE_APPROVAL);
  const first = await take(ada, 'first');
  await promote(ada, 'production');
  await decide({ ada, ben }, 'production', 'approve');
  const second = await take(ada, 'second');
  await promote(ada, 'production');
  const bad = (result: ReviewResult) => ({
    isSound: result.isSound,
    bad: reviewNotes({ result, files: [] }).flatMap(({ level, text }) => (level === 'bad' ? [text] : [])),
  });
  expect(bad(await look(ada)).isSound).toBe(true);

  // Another tag in its place.
  const ref = 'refs/promotions/artifacts/production/2';
  const tag = ada.git('rev-parse', ref);
  ada.git('update-ref', ref, 'refs/promotions/artifacts/production/1');
  expect(bad(await look(ada))).toEqual({
    isSound: false,
    bad: [expect.stringContaining(`the promotion is not to be trusted: promotion: '${ref}' is at `)],
  });
  ada.git('update-ref', '-d', ref);
  expect(bad(await look(ada)).bad).toEqual([expect.stringContaining('is gone')]);
  ada.git('update-ref', ref, tag);

  // The snapshot under another's name, and no snapshot.
  ada.git('update-ref', second.ref, first.tag);
  expect(await look(ada, { rerun: true })).toMatchObject({
    isSound: false,
    changes: undefined,
    gates: [{ rerun: undefined }],
  });
  ada.git('update-ref', '-d', second.ref);
  expect(bad(await look(ada)).bad).toEqual([
    expect.stringContaining(`the snapshot ${second.id} is not to be trusted: ref: `),
    'what it changes cannot be told',
  ]);
  ada.git('update-ref', second.ref, second.tag);
  expect(bad(await look(ada)).isSound).toBe(true);

  // Content that is gone from what is live.
  const blob = ada.git('rev-parse', `${first.tree}:a.txt`);
  removeObject(ada, blob);
  const damaged = await look(ada);
  expect(damaged.isSound).toBe(false);
  expect(bad(damaged).bad[0]).toContain(
    `the snapshot before, ${first.id}, is not to be trusted: content: 1 of 1 entry`,
  );
  expect(damaged.changes).toHaveLength(1);
  expect((await look(ada, { quick: true })).isSound).toBe(true);
});

/** Takes one object out of a repository, whether it is loose or packed. */
function removeObject({ dir, git }: Person, oid: string): void {
  const objects = git('cat-file', '--batch-all-objects', '--batch-check=%(objectname)').split('\n');
  const packs = join(dir, '.git/objects/pack');
  const list = join(dir, '.git/kept');
  writeFileSync(list, `${objects.filter((name) => name !== oid).join('\n')}\n`);
  git('-c', 'alias.keep=!git pack-objects -q .git/objects/pack/kept < .git/kept', 'keep');
  for (const name of readdirSync(packs)) if (!name.startsWith('kept')) rmSync(join(packs, name), { force: true });
  rmSync(join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2)), { force: true });
}
