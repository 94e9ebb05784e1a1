import type { KeptEvents } from '../../core/audit/kept-events.ts';
import { decodeKeptEvents, encodeKeptEvents } from '../../core/audit/kept-events.ts';
import type { Context } from '../../flows/context.ts';
import { VERSION } from '../version.ts';

/** Another version of the program may judge otherwise, and write otherwise. */
const PART = { suffix: '.events', purpose: `git-snapshot events ${VERSION}` } as const;

/**
 * The part of what this user trusts that holds the events of the log that were verified in a clone.
 *
 * @param clone - undefined where it was not met as the snapshot repository of this id
 */
export function eventMemory(
  clone: (
    id: string,
  ) => Promise<{ readonly configDir: string; readonly repository: string; readonly clone: string } | undefined>,
): Pick<Context['trust'], 'recallEvents' | 'rememberEvents'> {
  return {
    recallEvents: async (id) => {
      const name = await clone(id);
      if (name === undefined) return undefined;
      const { readMemory } = await import('../../sign/trust-memory.ts');
      const kept = await readMemory<KeptEvents>(name, PART);
      return kept && decodeKeptEvents(kept);
    },
    rememberEvents: async (id, events) => {
      const name = await clone(id);
      if (name === undefined) return;
      const { writeMemory } = await import('../../sign/trust-memory.ts');
      await writeMemory(name, encodeKeptEvents(events), PART);
    },
  };
}
