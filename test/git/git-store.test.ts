import { DURABLE } from '../../src/git/git-store.ts';
import { gitStoreContract } from '../contract/git-store.ts';
import { objectReaderContract } from '../contract/object-reader.ts';
import { tempRepo } from '../support/temp-repo.ts';
import { openStore } from './open-store.ts';

for (const format of ['sha1', 'sha256']) {
  for (const threads of [0, 2]) {
    gitStoreContract(`git, ${format}, ${threads} threads`, async () => {
      const repo = tempRepo(`--object-format=${format}`);
      return { repo, store: (await openStore(repo.dir, { threads })).store };
    });
  }
}

gitStoreContract('git, bare repository, durable', async () => {
  const repo = tempRepo('--bare');
  return { repo, store: (await openStore(repo.dir, { durability: async () => DURABLE })).store };
});

for (const [format, threads] of [
  ['sha1', 2],
  ['sha256', 0],
] as const) {
  objectReaderContract(`git, ${format}, ${threads} threads`, {
    init: [`--object-format=${format}`],
    open: async (repo) => {
      const { store } = await openStore(repo.dir, { threads });
      return { reader: store, writer: store };
    },
  });
}
