import { METRIC_FORMATS } from '../../core/metrics/encode.ts';
import type { CommandSpec, OptionSpec } from '../spec.ts';
import { SET_OPTION } from './global.ts';

const SINCE = {
  name: 'since',
  type: 'text',
  value: 'TIME',
  summary: 'Leave out times measured before TIME: 2026-11-22, or 2w, 3d, 12h ago',
} as const satisfies OptionSpec;

const EVERY_SET = { ...SET_OPTION, summary: 'Only this set (default: every set)' } as const satisfies OptionSpec;

export const SLO = {
  name: 'slo',
  group: 'Watch',
  summary: 'Hold times and ages from the log against the limits of the policy',
  description: [
    'How old the last snapshot and the last passed rehearsal are, and how long snapshots, verifications, rollbacks and recoveries in rehearsals took, by the audit log: how many, the median, what 95 of 100 did not exceed, the worst and the last. Each with its limit ("serviceLevels" and "rehearsal" in the policy) and a verdict.',
    'A time is broken if the last one, or more than 5 of 100, took longer than the limit; an age, if it is above. What was never measured is said to be so: it is neither met nor broken, unless the policy itself limits the age of what never happened. docs/operations.md tells what is measured.',
    'Ends with 1 where a limit is broken.',
  ],
  positionals: [],
  options: [SINCE, EVERY_SET],
  conflicts: [],
  examples: [
    { command: 'git snapshot slo', summary: 'Would we be back in time?' },
    { command: 'git snapshot slo --since 30d --json', summary: 'The last month, for a program' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 6, 8],
} as const satisfies CommandSpec;

export const METRICS = {
  name: 'metrics',
  group: 'Watch',
  summary: 'Print metrics for Prometheus',
  description: [
    'Ages, counts, times, sizes, findings and dates of expiry, as text in the format OpenMetrics, from policy and log alone: no snapshot is read, and no directory looked at unless --drift says so. Works in a bare repository, too. docs/operations.md lists the metrics, and has rules for alerts.',
    'With --out the file is there as a whole or not at all, readable by all, for the textfile collector of node_exporter. Give it --format prometheus: that collector reads the older format, which writes counters in another way.',
    'A log that is not to be believed is measured all the same, and git_snapshot_log_findings says so. Where the policy is not to be believed there are no metrics, and FILE stays as it was.',
  ],
  positionals: [],
  options: [
    {
      name: 'out',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: "Write them to FILE; '-' is standard output",
    },
    {
      name: 'format',
      type: 'choice',
      value: 'FORMAT',
      choices: METRIC_FORMATS,
      summary: 'openmetrics (default) or prometheus',
    },
    { name: 'drift', type: 'flag', summary: 'Count what differs in the directories, too: each is looked through' },
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot metrics', summary: 'Look at them' },
    {
      command: 'git snapshot metrics --format prometheus --out /var/lib/node_exporter/snapshots.prom',
      summary: 'For node_exporter, by cron',
    },
  ],
  exitCodes: [0, 2, 3, 4, 6, 8],
} as const satisfies CommandSpec;

export const REPORT = {
  name: 'report',
  group: 'Watch',
  summary: 'Report how things stand, on one page',
  description: [
    'For an auditor or a stand-up: what is live where and since when, service levels, the newest snapshots, promotions and approvals, rollbacks and rehearsals of the period, holds, trash and retention, keys and dates of expiry, and whether the audit log is sound. It ends with the names of all that it rests on, and what to type to see them.',
    'Nothing is written but FILE. The page loads nothing and has no script.',
    'Ends with 1 where something is wrong with the log; broken service levels are what "slo" ends with 1 for.',
  ],
  positionals: [],
  options: [
    {
      name: 'html',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: "Write one page for a browser; '-' is standard output",
    },
    {
      name: 'markdown',
      type: 'text',
      value: 'FILE',
      completes: 'file',
      summary: "Write it as Markdown; '-' is standard output",
    },
    {
      name: 'since',
      type: 'text',
      value: 'TIME',
      summary: 'Begin of the period: 2026-11-22, or 2w, 3d, 12h ago (default: 30d)',
    },
  ],
  conflicts: [],
  examples: [
    { command: 'git snapshot report', summary: 'On the terminal' },
    { command: 'git snapshot report --html november.html --since 2026-11-01', summary: 'For the auditor' },
  ],
  exitCodes: [0, 1, 2, 3, 4, 6, 8],
} as const satisfies CommandSpec;

export const DOCTOR = {
  name: 'doctor',
  group: 'Watch',
  summary: 'Look whether everything is set up, and say what to type',
  description: [
    'Programs, clone, policy and trust, the audit log and its notes, the clock, your key, unfinished rollbacks, directories as the policy lays them out, locks, stat caches, room on the disk, hooks, and the remote; in a bare repository, settings that are in the way of a push. Changes nothing in the repository, asks nothing and calls no remote.',
    'What is worth knowing is a note; ends with 1 where something is wrong.',
  ],
  positionals: [],
  options: [],
  conflicts: [],
  examples: [
    { command: 'git snapshot doctor', summary: 'Is everything as it should be?' },
    { command: 'git snapshot doctor -q', summary: 'Only what is wrong' },
  ],
  exitCodes: [0, 1, 2, 4],
} as const satisfies CommandSpec;
