import fs from 'node:fs';
import { openIsomorphicStore } from '../../src/portable/isomorphic-store.ts';
import { objectReaderContract } from '../contract/object-reader.ts';
import { openStore } from '../git/open-store.ts';

objectReaderContract('isomorphic-git', {
  init: [],
  open: async ({ dir }) => ({
    reader: await openIsomorphicStore(fs, { dir }),
    writer: (await openStore(dir)).store,
  }),
});
