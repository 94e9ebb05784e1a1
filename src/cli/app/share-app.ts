import type { ShareResult } from '../../flows/share/results.ts';

/** What to exchange with whom. */
interface ShareChoice {
  /** Name or URL; undefined: the flow decides. */
  readonly remote: string | undefined;
  readonly dryRun: boolean;
  /** Reads no content of snapshots that are new here. */
  readonly quick: boolean;
  /** Numbers of own events to leave out. */
  readonly drop: readonly number[];
}

/** Exchanging everything with remotes. */
export interface ShareApp {
  fetch(options: ShareChoice): Promise<ShareResult>;
  /** Fetches, too: what is pushed stands on top of what is there. */
  push(options: ShareChoice): Promise<ShareResult>;
}
