import { expect, test } from 'vitest';
import { tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

/** What this process would wait for before it ends, of the kinds that a store has. */
const waitedFor = () => process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Message|Worker/.test(name));

test('threads and a git that have nothing to do are not waited for, and do what comes then', async () => {
  const { dir } = tempRepo();
  const before = waitedFor();
  const { store } = await openStore(dir, { threads: 2 });
  const bodies = Array.from({ length: 4000 }, (_, n) => `text ${n}`);
  const oids = await store.writeObjects(bodies.map((body) => ({ type: 'blob', body })));
  for (let round = 0; round < 2; round++) {
    const reading = store.digestBlobs(oids);
    expect((await reading).digests.size).toBe(bodies.length);
    expect((await store.readObjects(oids.slice(0, 9))).map(({ body }) => body)).toEqual(bodies.slice(0, 9));
    expect(waitedFor()).toEqual(before);
  }
  await store.close();
  expect(waitedFor()).toEqual(before);
});
