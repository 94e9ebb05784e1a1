import { expect, test } from 'vitest';
import { existing, fsck } from '../../support/governed-repo.ts';
import type { Person } from '../../support/people.ts';
import { expectAgreement, people, type ShareDocument, take } from './clones.ts';

const NAMES = ['ben', 'cy', 'dan', 'eve', 'fay', 'gil', 'hal'] as const;
const SEED = Number(process.env['SHARE_SEED'] ?? 20261122);
const STEPS = Number(process.env['SHARE_STEPS'] ?? 60);
/** On a slow machine there are fewer steps, of the same seed. */
const MOST_MS = Number(process.env['SHARE_MOST_MS'] ?? 12_000);

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Entry {
  readonly type: string;
  readonly description: string;
}

/** Eight people who act at random, what they did, and what was left out of it in the open. */
class Model {
  readonly done: string[] = [];
  readonly left: string[] = [];
  readonly #next: () => number;
  #deeds = 0;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#next() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** One deed of one person. Rules may forbid it; then it has not been done. */
  async act(one: Person): Promise<void> {
    const why = `deed-${++this.#deeds}-of-${one.name}`;
    const chance = this.#next();
    if (chance < 0.45) {
      await take(one, why);
      this.done.push(why);
      return;
    }
    if (chance > 0.95) {
      const year = 2100 + this.#deeds;
      await one.write((policy) => Object.assign(policy, { expires: `${year}-01-01T00:00:00Z` }));
      await one.ok('snapshot', 'policy', 'apply', '--yes', '-q');
      return;
    }
    const ids = (await one.json<{ id: string }[]>('snapshot', 'list')).map(({ id }) => id);
    if (ids.length === 0) return;
    const id = this.pick(ids);
    const words =
      chance < 0.6
        ? ['promote', id, 'staging', '--yes', '-m', why]
        : chance < 0.68
          ? ['promote', '@staging', 'production', '--yes', '-m', why]
          : chance < 0.76
            ? ['approve', 'production', '--yes', '-m', why]
            : chance < 0.84
              ? ['hold', id, '--case', this.pick(['a', 'b']), '-m', why]
              : chance < 0.9
                ? ['release', '--case', this.pick(['a', 'b']), id, '-m', why]
                : ['prune', '--apply', '--yes'];
    const { code, stderr } = await one.run(['snapshot', ...words]);
    // Refused by the rules, or there was nothing to do it to.
    expect([0, 1, 2, 3, 4, 5], `${words.join(' ')}: ${stderr}`).toContain(code);
    if (code === 0 && words[0] !== 'prune') this.done.push(why);
  }

  /** Fetches, pushes or both; leaves out what cannot stand any more, as the error says. */
  async exchange(one: Person, verb: 'fetch' | 'push' | 'sync'): Promise<void> {
    let drop: readonly string[] = [];
    for (;;) {
      const { code, stdout, stderr } = await one.run(['snapshot', verb, '--json', ...drop]);
      if (code === 0) return this.#told(JSON.parse(stdout) as ShareDocument);
      const asked = /git snapshot sync((?: --drop \d+)+)/.exec(stderr)?.[1]?.trim().split(' ') ?? [];
      expect(code, stderr).toBe(5);
      // Others may go on meanwhile, and be in the way of more.
      expect(asked.length, stderr).toBeGreaterThan(0);
      drop = asked;
    }
  }

  #told({ leftOut }: ShareDocument): void {
    for (const { reason, ...event } of leftOut) this.left.push(`${JSON.stringify(event)} ${reason}`);
  }
}

test('eight people who act at random come to agree, and no event is lost', { timeout: 240_000 }, async () => {
  const { ada, others, server } = await people(NAMES, {
    change: (policy) =>
      Object.assign(policy, {
        environments: {
          staging: {},
          production: { from: 'staging', approvals: { count: 1, excludeAuthor: false, excludePromoter: false } },
        },
        retention: { keepLast: 3, grace: '0d', maxRemove: 1000 },
      }),
  });
  const everyone = [ada, ...Object.values(others)];
  const model = new Model(SEED);
  const endMs = Date.now() + MOST_MS;
  for (let step = 0; step < STEPS && Date.now() < endMs; step++) {
    await model.act(model.pick(everyone));
    if (step % 3 !== 2) continue;
    // Some at the very same time.
    const together = new Set([model.pick(everyone), model.pick(everyone), model.pick(everyone)]);
    const verbs = [...together].map((one) => [one, model.pick(['fetch', 'push', 'sync'] as const)] as const);
    await Promise.all(verbs.map(([one, verb]) => model.exchange(one, verb)));
  }
  for (const one of everyone) await model.exchange(one, 'sync');
  for (const one of everyone) await model.exchange(one, 'fetch');
  await expectAgreement(server, everyone);
  const log = await ada.json<Entry[]>('snapshot', 'log');
  const told = log.map((entry) => JSON.stringify(entry)).join('\n');
  for (const why of model.done) {
    const isTold = told.includes(why) || model.left.some((text) => text.includes(why));
    expect(isTold, `${why} is lost`).toBe(true);
    const times = log.filter((entry) => JSON.stringify(entry).includes(`${why}"`)).length;
    expect(times, `${why} is told of ${times} times`).toBeLessThanOrEqual(1);
  }
  expect(fsck(server.dir)).toBe('');
  expect(fsck(existing(ada.dir).dir)).toBe('');
});
