import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp-repo.ts';

/** A family as somebody else's parser reads it. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const PARSERS = { openmetrics: 'prometheus_client.openmetrics.parser', prometheus: 'prometheus_client.parser' };

/** Reads metrics as the reference parser of Python does, which is strict. @throws what it says against them */
export function parseMetrics(text: string, format: keyof typeof PARSERS): ParsedFamily[] {
  const script = `
import json, sys
from ${PARSERS[format]} import text_string_to_metric_families
text = sys.stdin.buffer.read().decode('utf-8')
print(json.dumps([
  {'name': f.name, 'type': f.type, 'unit': f.unit,
   'samples': [{'name': s.name, 'labels': s.labels, 'value': float(s.value)} for s in f.samples]}
  for f in text_string_to_metric_families(text)]))`;
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', script], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ParsedFamily[];
}

/** What `promtool check metrics` says, which reads the format that node_exporter reads; '' where it has nothing to say. */
export function lintMetrics(text: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  const said = `${stdout}${stderr}`;
  return status === 0 || said !== '' ? said : `exit ${status}`;
}

/** Has the parser of Prometheus itself read OpenMetrics, into a database that is thrown away. @returns what it says against them */
export function importIntoPrometheus(text: string): string {
  const dir = tempDir();
  // It wants an instant with each value.
  const dated = text.replace(/^([^#\n].*)$/gm, '$1 1700000000');
  writeFileSync(join(dir, 'metrics'), dated);
  const words = ['tsdb', 'create-blocks-from', 'openmetrics', '-q', 'metrics', 'data'];
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd: dir, encoding: 'utf8' });
  return status === 0 ? '' : `exit ${status}: ${stdout}${stderr}`;
}
