import type { MetricFamily } from '../../core/metrics/family.ts';

/** Of `metrics --json`. */
export function metricsJson(families: readonly MetricFamily[]) {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, unit, help, samples }) => ({
      name,
      type,
      unit: unit ?? null,
      help,
      samples: samples.map(({ suffix, labels, value }) => ({ name: `${name}${suffix}`, labels, value })),
    }));
}
