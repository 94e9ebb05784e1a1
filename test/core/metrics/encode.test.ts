import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMetrics } from '../../../src/core/metrics/encode.ts';
import { counter, gauge, timesHistogram } from '../../../src/core/metrics/family.ts';
import { importIntoPrometheus, lintMetrics, parseMetrics } from '../../support/metric-parsers.ts';

const HOSTILE = [
  'plain',
  '',
  '"} 1\n# EOF\nevil_total{x="',
  '\\',
  '\\"',
  '\\n',
  'a\\\nb',
  '\r\n\u2028\u202e\u0007\u0000',
  '{},=# ',
  '\u00e9\u{1f4a9}',
];

const one = gauge({ name: 'git_snapshot_newest_bytes', help: 'Size.' }, [[{}, 2 ** 53]]);

describe('label values', () => {
  test.each(['openmetrics', 'prometheus'] as const)('are what they were, to whoever reads %s', (format) => {
    const random = fc.sample(fc.string({ unit: 'grapheme', maxLength: 20 }), 200);
    const values = [...new Set([...HOSTILE, ...random])];
    const family = gauge(
      { name: 'git_snapshot_newest_files', help: 'Files.' },
      values.map((value, i) => [{ set: value, place: String(i) }, i]),
    );
    const text = encodeMetrics([family], format);
    const [parsed, ...others] = parseMetrics(text, format);
    expect(others).toEqual([]);
    expect(parsed?.samples.map(({ labels }) => labels['set'] ?? '')).toEqual(values);
    expect(lintMetrics(text)).toBe('');
    if (format === 'openmetrics') expect(importIntoPrometheus(text)).toBe('');
  });
});

describe('families', () => {
  const families = [
    one,
    counter({ name: 'git_snapshot_events', help: 'Events \\ of\nthe log.' }, [
      [{ type: 'snapshot' }, 3],
      [{ type: 'gone' }, undefined],
    ]),
    gauge({ name: 'git_snapshot_drift_paths', help: 'Absent.' }, [[{}, undefined]]),
    timesHistogram({ name: 'git_snapshot_operation_duration_seconds', help: 'Times.' }, [
      [{ set: 'a' }, [100, 101, 30_000, 9_000_000]],
      [{ set: 'b' }, []],
    ]),
  ];

  test('are OpenMetrics, to the letter', () => {
    const text = encodeMetrics(families, 'openmetrics');
    expect(text.split('\n').slice(0, 8)).toEqual([
      '# TYPE git_snapshot_newest_bytes gauge',
      '# UNIT git_snapshot_newest_bytes bytes',
      '# HELP git_snapshot_newest_bytes Size.',
      'git_snapshot_newest_bytes 9007199254740992',
      '# TYPE git_snapshot_events counter',
      '# HELP git_snapshot_events Events \\\\ of\\nthe log.',
      'git_snapshot_events_total{type="snapshot"} 3',
      '# TYPE git_snapshot_operation_duration_seconds histogram',
    ]);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(text).not.toContain('drift');
    const parsed = parseMetrics(text, 'openmetrics');
    expect(parsed.map(({ name, type, unit }) => [name, type, unit])).toEqual([
      ['git_snapshot_newest_bytes', 'gauge', 'bytes'],
      ['git_snapshot_events', 'counter', ''],
      ['git_snapshot_operation_duration_seconds', 'histogram', 'seconds'],
    ]);
    const times = parsed[2]?.samples.filter(({ labels }) => labels['set'] === 'a') ?? [];
    const bucket = (le: string) => times.find(({ labels }) => labels['le'] === le)?.value;
    expect([bucket('0.1'), bucket('0.25'), bucket('30.0'), bucket('1800.0'), bucket('+Inf')]).toEqual([1, 2, 3, 3, 4]);
    expect(times.slice(-2).map(({ name, value }) => [name.slice(-5), value])).toEqual([
      ['s_sum', 9030.201],
      ['count', 4],
    ]);
    expect(importIntoPrometheus(text)).toBe('');
  });

  test('are read by node_exporter, too: in its format without a remark, in the other without the type of counters', () => {
    expect(lintMetrics(encodeMetrics(families, 'prometheus'))).toBe('');
    expect(lintMetrics(encodeMetrics(families, 'openmetrics'))).toBe('git_snapshot_events_total no help text\n');
  });

  test('that are cut short are refused by what reads them', () => {
    expect(() => parseMetrics(encodeMetrics([one], 'openmetrics').replace('# EOF\n', ''), 'openmetrics')).toThrow(
      'EOF',
    );
    expect(lintMetrics('git_snapshot_newest_bytes{set="a} 1\n')).not.toBe('');
    expect(importIntoPrometheus('git_snapshot_newest_bytes{set="a} 1\n# EOF\n')).not.toBe('');
  });
});
