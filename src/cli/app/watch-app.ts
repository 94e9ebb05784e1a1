import type { Checkup } from '../../core/doctor/check.ts';
import type { MetricFamily } from '../../core/metrics/family.ts';
import type { ServiceLevelReport } from '../../flows/levels/results.ts';
import type { RepositoryReport } from '../../flows/report/results.ts';

/** How things stand, for whoever keeps watch. */
export interface WatchApp {
  /** @param options.set - undefined: every set. @param options.sinceSec - times measured before are left out */
  levels(options: {
    readonly set: string | undefined;
    readonly sinceSec: number | undefined;
  }): Promise<ServiceLevelReport>;
  /** @param options.version - of the program. @param options.drift - whether to look at directories */
  metrics(options: { readonly version: string; readonly drift: boolean }): Promise<readonly MetricFamily[]>;
  /** @param options.sinceSec - from when on to tell what happened */
  report(options: { readonly sinceSec: number }): Promise<RepositoryReport>;
  /** Looks at everything that a command may need one day. */
  examine(): Promise<readonly Checkup[]>;
}
