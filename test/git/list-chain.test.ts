import { expect, test } from 'vitest';
import type { Oid } from '../../src/core/oid.ts';
import { tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

test('a hole in a chain is for whoever lists all of it: above it nothing is known to come after anything', async () => {
  const repo = tempRepo();
  const { store } = await openStore(repo.dir);
  repo.git('commit', '-q', '--allow-empty', '-m', 'root');
  const root = repo.git('rev-parse', 'HEAD') as Oid;
  const body = (parent: string) => repo.git('cat-file', '-p', root).replace(/^(tree .*)$/m, `$1\nparent ${parent}`);
  const [above] = await store.writeObjects([{ type: 'commit', body: body('d'.repeat(40)) }]);
  const [tip] = await store.writeObjects([{ type: 'commit', body: body(above as Oid) }]);
  expect(await store.listChainAfter(tip as Oid, root)).toBeUndefined();
  await expect(store.listChain(tip as Oid)).rejects.toMatchObject({ kind: 'not-found' });
  await store.close();
});
