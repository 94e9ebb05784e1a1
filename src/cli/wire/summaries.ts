import { once } from '../../core/once.ts';
import type { SnapshotSummary } from '../../core/snapshot/snapshot-info.ts';
import type { ListOptions } from '../../flows/inspect/list-snapshots.ts';
import { summarizeSnapshots } from '../../flows/inspect/list-snapshots.ts';
import { openListingCache } from '../../git/listing/listing-cache.ts';
import { SUMMARY_ROWS } from '../../git/listing/summary-rows.ts';
import { openRepository } from '../../git/open-repository.ts';
import { hasIntents } from '../../git/refs/has-intents.ts';
import { listRefs } from '../../git/refs/list-refs.ts';
import type { AppSettings } from '../app/app.ts';
import type { Io } from '../terminal/io.ts';

/** As the app does it, which is not loaded: what it is made of takes as long as a thousand rows. */
export async function summarize(io: Io, settings: AppSettings, options: ListOptions): Promise<SnapshotSummary[]> {
  const repository = await openRepository({ cwd: settings.directory, env: io.env });
  let close: (() => Promise<void>) | undefined;
  const whole = once(async () => {
    const { createContext } = await import('./context.ts');
    const ctx = createContext(io, settings, repository);
    close = () => ctx.store.close();
    return ctx;
  });
  try {
    const listing = {
      // What others began with refs is to be ended first.
      listRefs: async (prefix: string) =>
        hasIntents(repository) ? (await whole()).store.listRefs(prefix) : listRefs(repository, prefix),
      summaries: async () => openListingCache(repository, SUMMARY_ROWS),
      note: settings.note,
      whole,
    };
    return await summarizeSnapshots(listing, options);
  } finally {
    await close?.();
  }
}
