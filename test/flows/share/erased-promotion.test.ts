import { expect, test } from 'vitest';
import { expectAgreement, people, share, take } from './clones.ts';

const approvals = { count: 2, excludeAuthor: false, excludePromoter: false };

const change = (policy: object) => Object.assign(policy, { environments: { production: { approvals } } });

/** A promotion that waits, and that Ben has fetched. */
async function waiting() {
  const { ada, others, server } = await people(['ben'], { change });
  const { ben } = others;
  const { id } = await take(ada, 'one');
  await ada.ok('snapshot', 'promote', id, 'production', '--yes', '-m', 'one');
  await share(ada, 'push');
  await share(ben, 'fetch');
  return { ada, ben, server, id };
}

test('what was said of a promotion whose snapshot was erased meanwhile is in the way, and can be left out', async () => {
  const { ada, ben, server, id } = await waiting();
  await ben.ok('snapshot', 'approve', 'production/1', '--yes', '-m', 'fine');
  await ben.ok('snapshot', 'approve', 'production/1', '--withdraw', '--yes', '-m', 'no');
  await take(ada, 'two');
  await ada.ok('snapshot', 'erase', id, '--yes', '-m', 'leaked');
  await share(ada, 'push');

  const planned = await ben.expect(0, ['snapshot', 'fetch', '--dry-run']);
  expect(planned.stderr).toContain('this will be refused: ');
  for (const verb of ['fetch', 'push']) {
    const { stderr } = await ben.expect(5, ['snapshot', verb]);
    expect(stderr).toContain(`promotes artifacts/${id}, and that was erased (and 1 more events cannot either)`);
    expect(stderr).toContain('git snapshot sync --drop 5 --drop 6');
  }
  await ben.ok('snapshot', 'sync', '--drop', '5', '--drop', '6');
  await expectAgreement(server, [ada, ben]);
});

test('such a promotion waits for nobody, and its missing ref is no alarm', async () => {
  const { ada, ben, id } = await waiting();
  await take(ada, 'two');
  await ada.ok('snapshot', 'erase', id, '--yes', '-m', 'leaked');
  const [environment] = await ada.json<{ pending: unknown[] }[]>('snapshot', 'environments');
  expect(environment?.pending).toEqual([]);
  expect(await ada.json('snapshot', 'promotions')).toMatchObject([{ number: 1, status: 'erased' }]);
  expect(await ada.json('snapshot', 'promotions', '--pending')).toEqual([]);
  expect((await ada.expect(4, ['snapshot', 'review'])).stderr).toContain('no promotion waits anywhere');
  await share(ada, 'push');
  await share(ben, 'fetch');
  for (const words of [
    ['approve', 'production/1', '--yes', '-m', 'fine'],
    ['reject', 'production', '--yes', '-m', 'no'],
    ['review', 'production/1'],
  ]) {
    const { stderr } = await ben.expect(5, ['snapshot', ...words]);
    expect(stderr).toContain(`promotion production/1 is over: artifacts/${id} was erased`);
  }
});
