import type { Labels, MetricFamily } from './family.ts';

/** Formats in which metrics are written. */
export const METRIC_FORMATS = ['openmetrics', 'prometheus'] as const;
/** One of {@link METRIC_FORMATS}. */
export type MetricFormat = (typeof METRIC_FORMATS)[number];

/**
 * Writes metrics as text. Families without a value are left out.
 *
 * `openmetrics` is OpenMetrics 1.0. Prometheus reads its older text format for files of node_exporter, which takes everything of
 * OpenMetrics that is used here, but does not find the type of counters: it wants it under the name with `_total`. `prometheus`
 * is that format.
 */
export function encodeMetrics(families: readonly MetricFamily[], format: MetricFormat): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => [
      ...headOf(family, format),
      ...family.samples.map(
        ({ suffix, labels, value }) => `${family.name}${suffix}${labelsText(labels)} ${numberText(value)}`,
      ),
    ]);
  return [...lines, ...(format === 'openmetrics' ? ['# EOF'] : []), ''].join('\n');
}

function headOf({ name, type, unit, help }: MetricFamily, format: MetricFormat): string[] {
  if (format === 'prometheus') {
    const called = type === 'counter' ? `${name}_total` : name;
    return [`# HELP ${called} ${escapeHelp(help)}`, `# TYPE ${called} ${type}`];
  }
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    // In OpenMetrics quotes are escaped in help, too; in the older format they must not be. Ours have none.
    `# HELP ${name} ${escapeHelp(help)}`,
  ];
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslashes, quotes and line feeds of a value: the three that both formats escape. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
