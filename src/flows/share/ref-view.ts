import type { Oid } from '../../core/oid.ts';
import type { GitStore } from '../../core/ports.ts';

/**
 * A repository as it would be with other refs: what a remote has, or what a push would make of it. Its objects are the same, so
 * everything that judges a repository judges it, too. Its refs cannot be moved.
 */
export function withRefs(store: GitStore, refs: ReadonlyMap<string, Oid>): GitStore {
  const sorted = [...refs].map(([name, oid]) => ({ name, oid })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    format: store.format,
    readObject: (oid) => store.readObject(oid),
    readObjects: (oids) => store.readObjects(oids),
    describeObjects: (oids) => store.describeObjects(oids),
    digestBlobs: (oids, progress) => store.digestBlobs(oids, progress),
    restoreBlobs: (blobs, progress) => store.restoreBlobs(blobs, progress),
    writeObjects: (objects) => store.writeObjects(objects),
    beginIngest: (root, options) => store.beginIngest(root, options),
    listChain: (tip) => store.listChain(tip),
    listChainAfter: (tip, after) => store.listChainAfter(tip, after),
    listRefs: async (prefix) =>
      sorted.filter(({ name }) => (prefix.endsWith('/') ? name.startsWith(prefix) : name === prefix)),
    readRef: async (name) => refs.get(name) ?? null,
    updateRefs: async () => {
      throw new Error('a view of refs cannot move them');
    },
    // Whoever opened the store closes it.
    close: async () => {},
  };
}
