import type { Level } from '../../core/levels/judge.ts';

/** Of `slo`. */
export interface ServiceLevelReport {
  /** When it was judged. */
  readonly atSec: number;
  readonly sinceSec: number | undefined;
  /** How many limits are met, and how many broken. */
  readonly met: number;
  readonly broken: number;
  /** How many were never measured: neither met nor broken. */
  readonly unmeasured: number;
  readonly sets: readonly { readonly set: string; readonly levels: readonly Level[] }[];
}
