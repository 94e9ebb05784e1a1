/** One value, under names that tell it from the others of its family. */
interface Sample {
  /** What its name has after the family's: `_total`, `_bucket`, `_sum`, `_count`, or nothing. */
  readonly suffix: '' | '_total' | '_bucket' | '_sum' | '_count';
  /** Label names are ours; values may be anything. */
  readonly labels: Labels;
  readonly value: number;
}

/** Names and values, in the order in which they are written. */
export type Labels = Readonly<Record<string, string>>;

/**
 * A metric family, as OpenMetrics has it: https://prometheus.io/docs/specs/om/open_metrics_spec/. The three types are those that the
 * text format of Prometheus knows, too.
 */
export interface MetricFamily {
  /** Without `_total`. Ends with the unit, where it has one. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly unit: 'seconds' | 'bytes' | undefined;
  readonly help: string;
  readonly samples: readonly Sample[];
}

type Described = Pick<MetricFamily, 'name' | 'help'>;
type Valued = readonly (readonly [labels: Labels, value: number | undefined])[];

/** Something that goes up and down. What is undefined is left out. */
export function gauge({ name, help }: Described, values: Valued): MetricFamily {
  return { name, type: 'gauge', unit: unitOf(name), help, samples: samplesOf('', values) };
}

/** Something that only grows. */
export function counter({ name, help }: Described, values: Valued): MetricFamily {
  return { name, type: 'counter', unit: undefined, help, samples: samplesOf('_total', values) };
}

/** Upper bounds of the buckets of times, in seconds. The default limits are among them. */
const BOUNDS_SEC = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800] as const;

/** How times are spread. @param series - times in milliseconds, each list under its labels */
export function timesHistogram(
  { name, help }: Described,
  series: readonly (readonly [labels: Labels, timesMs: readonly number[]])[],
): MetricFamily {
  const samples = series.flatMap(([labels, timesMs]): Sample[] => [
    ...[...BOUNDS_SEC, Number.POSITIVE_INFINITY].map(
      (bound): Sample => ({
        suffix: '_bucket',
        labels: { ...labels, le: boundText(bound) },
        value: timesMs.filter((ms) => ms <= bound * 1000).length,
      }),
    ),
    { suffix: '_sum', labels, value: timesMs.reduce((sum, ms) => sum + ms, 0) / 1000 },
    { suffix: '_count', labels, value: timesMs.length },
  ]);
  return { name, type: 'histogram', unit: unitOf(name), help, samples };
}

/** As the specification spells bounds: `1.0`, not `1`. */
function boundText(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function samplesOf(suffix: Sample['suffix'], values: Valued): Sample[] {
  return values.flatMap(([labels, value]) => (value === undefined ? [] : [{ suffix, labels, value }]));
}

function unitOf(name: string): MetricFamily['unit'] {
  if (name.endsWith('_seconds')) return 'seconds';
  return name.endsWith('_bytes') ? 'bytes' : undefined;
}
