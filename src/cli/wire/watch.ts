import type { Context } from '../../flows/context.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { HooksApp } from '../app/hooks-app.ts';
import type { WatchApp } from '../app/watch-app.ts';
import type { Surroundings } from './files.ts';

/** What a checkup looks at, besides the context. */
interface Examined {
  readonly repository: Repository;
  readonly hooks: HooksApp;
  readonly around: Surroundings;
}

/** The part of the app that is about how things stand. */
export function watchApp(ctx: Context, { repository, hooks, around }: Examined): WatchApp {
  return {
    levels: async (options) => (await import('../../flows/levels/read-levels.ts')).readLevels(ctx, options),
    metrics: async (options) => (await import('../../flows/metrics/read-metrics.ts')).readMetrics(ctx, options),
    report: async (options) => (await import('../../flows/report/read-report.ts')).readReport(ctx, options),
    examine: async () => {
      const { examine } = await import('../../flows/doctor/examine.ts');
      const { createMachine } = await import('./machine.ts');
      return examine(ctx, {
        machine: createMachine(repository, around),
        hooks: () => hooks.status({ names: [], server: false }),
      });
    },
  };
}
