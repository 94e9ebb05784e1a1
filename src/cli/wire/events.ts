import type { KeptEvents } from '../../core/audit/kept-events.ts';
import { decodeKeptEvents, encodeKeptEvents } from '../../core/audit/kept-events.ts';
import type { LoggedEvent } from '../../core/audit/logged-event.ts';
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
  nowSec: () => number,
  clone: (
    id: string,
  ) => Promise<{ readonly configDir: string; readonly repository: string; readonly clone: string } | undefined>,
): Pick<Context['trust'], 'recallEvents' | 'rememberEvents'> {
  // A command opens the log several times. Fewer events than another process keeps by now are as true.
  const recalled = new Map<string, Promise<readonly LoggedEvent[] | undefined>>();
  const read = async (id: string) => {
    const name = await clone(id);
    if (name === undefined) return undefined;
    const { readMemory } = await import('../../sign/trust-memory.ts');
    const kept = await readMemory<KeptEvents>(name, PART);
    return kept && decodeKeptEvents(kept);
  };
  return {
    recallEvents: (id) => {
      const known = recalled.get(id) ?? read(id);
      recalled.set(id, known);
      return known;
    },
    rememberEvents: async (id, events) => {
      recalled.set(id, Promise.resolve(events));
      const name = await clone(id);
      if (name === undefined) return;
      const { forgetOldEvents, hasMemory, writeMemory } = await import('../../sign/trust-memory.ts');
      const isFirst = !hasMemory(name, PART);
      await writeMemory(name, encodeKeptEvents(events), PART);
      // As often as a clone comes, those are looked for that went: so their files cannot pile up.
      if (isFirst) forgetOldEvents({ configDir: name.configDir, nowMs: nowSec() * 1000 });
    },
  };
}
