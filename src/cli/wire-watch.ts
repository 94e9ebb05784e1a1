import type { Context } from '../flows/context.ts';
import type { WatchApp } from './watch-app.ts';

/** The part of the app that is about how things stand. */
export function watchApp(ctx: Context): WatchApp {
  return {
    levels: async (options) => (await import('../flows/levels/read-levels.ts')).readLevels(ctx, options),
    metrics: async (options) => (await import('../flows/metrics/read-metrics.ts')).readMetrics(ctx, options),
    report: async (options) => (await import('../flows/report/read-report.ts')).readReport(ctx, options),
  };
}
