import type { ServiceLevelReport } from '../flows/levels/results.ts';

/** How things stand, for whoever keeps watch. */
export interface WatchApp {
  /** @param options.set - undefined: every set. @param options.sinceSec - times measured before are left out */
  levels(options: {
    readonly set: string | undefined;
    readonly sinceSec: number | undefined;
  }): Promise<ServiceLevelReport>;
}
