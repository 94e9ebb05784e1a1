import type { Measurement } from '../levels/measurements.ts';
import type { EnvironmentFacts, SetFacts } from './facts.ts';
import { counter, gauge, type Labels, type MetricFamily, timesHistogram } from './family.ts';

const OPERATIONS = ['snapshot', 'verify', 'rollback', 'recovery'] as const;
const PLACES = ['kept', 'trash', 'dropped', 'erased'] as const;

/** The metrics of sets and of their environments. */
export function setFamilies(sets: readonly SetFacts[], nowSec: number): MetricFamily[] {
  const each = (value: (facts: SetFacts) => number | undefined) =>
    sets.map((facts) => [{ set: facts.set }, value(facts)] as const);
  const age = (sinceSec: number | undefined) => sinceSec && Math.max(0, nowSec - sinceSec);
  return [
    gauge(
      { name: 'git_snapshot_snapshots', help: 'Snapshots by where they are: kept, in the trash, dropped, erased.' },
      sets.flatMap(({ set, snapshots }) => PLACES.map((place) => [{ set, place }, snapshots[place]] as const)),
    ),
    gauge(
      { name: 'git_snapshot_last_snapshot_timestamp_seconds', help: 'When the last snapshot that is kept was taken.' },
      each(({ measurements }) => measurements.lastSnapshotAtSec),
    ),
    gauge(
      { name: 'git_snapshot_last_snapshot_age_seconds', help: 'Its age; backups of rollbacks are not looked at.' },
      each(({ measurements }) => age(measurements.lastSnapshotAtSec)),
    ),
    gauge(
      { name: 'git_snapshot_newest_files', help: 'Files of the newest snapshot that is kept.' },
      each(({ newest }) => newest?.files),
    ),
    gauge(
      { name: 'git_snapshot_newest_bytes', help: 'Size of the newest snapshot that is kept.' },
      each(({ newest }) => newest?.bytes),
    ),
    gauge(
      { name: 'git_snapshot_kept_bytes', help: 'Size of all snapshots that are kept, each as large as its files.' },
      each(({ keptBytes }) => keptBytes),
    ),
    gauge(
      { name: 'git_snapshot_holds', help: 'Holds that are on snapshots now.' },
      each(({ holds }) => holds),
    ),
    counter(
      { name: 'git_snapshot_rollbacks', help: 'Rollbacks that were applied, or taken back.' },
      sets.flatMap(({ set, rollbacks }) => [
        [{ set, outcome: 'applied' }, rollbacks.applied],
        [{ set, outcome: 'reverted' }, rollbacks.reverted],
      ]),
    ),
    gauge(
      { name: 'git_snapshot_drift_paths', help: 'Paths that differ from the snapshot that the directory should be.' },
      each(({ driftPaths }) => driftPaths),
    ),
    ...rehearsalFamilies(sets, { each, age }),
    ...levelFamilies(sets),
    ...timeFamilies(sets),
    ...environmentFamilies(sets),
  ];
}

type Each = (value: (facts: SetFacts) => number | undefined) => (readonly [Labels, number | undefined])[];

function rehearsalFamilies(
  sets: readonly SetFacts[],
  { each, age }: { each: Each; age: (sinceSec: number | undefined) => number | undefined },
): MetricFamily[] {
  return [
    gauge(
      { name: 'git_snapshot_last_rehearsal_timestamp_seconds', help: 'When a rollback was last rehearsed.' },
      each(({ measurements }) => measurements.lastRehearsal?.atSec),
    ),
    gauge(
      { name: 'git_snapshot_last_rehearsal_passed', help: '1: the last rehearsal passed; 0: it failed.' },
      each(({ measurements: { lastRehearsal } }) => lastRehearsal && (lastRehearsal.passed ? 1 : 0)),
    ),
    gauge(
      { name: 'git_snapshot_last_passed_rehearsal_timestamp_seconds', help: 'When a rehearsal last passed.' },
      each(({ measurements }) => measurements.lastPassedRehearsalAtSec),
    ),
    gauge(
      { name: 'git_snapshot_last_passed_rehearsal_age_seconds', help: 'Age of the last rehearsal that passed.' },
      sets.map(({ set, measurements }) => [{ set }, age(measurements.lastPassedRehearsalAtSec)]),
    ),
  ];
}

function levelFamilies(sets: readonly SetFacts[]): MetricFamily[] {
  const levels = sets.flatMap(({ set, levels: all }) =>
    all.map((level) => ({ labels: { set, level: level.level }, ...level })),
  );
  return [
    gauge(
      { name: 'git_snapshot_level_limit_seconds', help: 'Limits of service levels, as in the policy or by default.' },
      levels.map(({ labels, limit }) => [labels, limit?.limitSec]),
    ),
    gauge(
      { name: 'git_snapshot_level_broken', help: '1: a service level is broken; 0: it is met. Absent: neither.' },
      levels.map(({ labels, verdict }) => [labels, verdict === 'broken' ? 1 : verdict === 'met' ? 0 : undefined]),
    ),
    gauge(
      { name: 'git_snapshot_level_measured', help: '0: it was never measured, so nothing is known of it.' },
      levels.map(({ labels, times, ageSec }) => [labels, times === undefined && ageSec === undefined ? 0 : 1]),
    ),
  ];
}

function timeFamilies(sets: readonly SetFacts[]): MetricFamily[] {
  const series = sets.flatMap(({ set, measurements }) =>
    OPERATIONS.map((operation): [Labels, readonly Measurement[]] => [{ set, operation }, measurements[operation]]),
  );
  const seconds = (measured: Measurement | undefined) => measured && measured.ms / 1000;
  return [
    timesHistogram(
      { name: 'git_snapshot_operation_duration_seconds', help: 'How long operations took, over the whole log.' },
      series.map(([labels, measured]) => [labels, measured.map(({ ms }) => ms)]),
    ),
    gauge(
      { name: 'git_snapshot_operation_last_duration_seconds', help: 'How long the last of them took.' },
      series.map(([labels, measured]) => [labels, seconds(measured.at(-1))]),
    ),
  ];
}

function environmentFamilies(sets: readonly SetFacts[]): MetricFamily[] {
  const each = (value: (facts: EnvironmentFacts) => number | undefined) =>
    sets.flatMap(({ set, environments }) =>
      environments.map((facts) => [{ set, environment: facts.environment }, value(facts)] as const),
    );
  return [
    counter(
      { name: 'git_snapshot_promotions', help: 'Promotions to an environment, and rollbacks of it.' },
      sets.flatMap(({ set, environments }) =>
        environments.flatMap(({ environment, promotions }) => [
          [{ set, environment, action: 'promote' }, promotions.promote] as const,
          [{ set, environment, action: 'rollback' }, promotions.rollback] as const,
        ]),
      ),
    ),
    gauge(
      { name: 'git_snapshot_live_since_timestamp_seconds', help: 'Since when what is live is live.' },
      each(({ liveSinceSec }) => liveSinceSec),
    ),
    gauge(
      { name: 'git_snapshot_pending_promotions', help: 'Promotions that wait.' },
      each(({ pending }) => pending),
    ),
    gauge(
      { name: 'git_snapshot_missing_approvals', help: 'Approvals that they lack.' },
      each(({ missingApprovals }) => missingApprovals),
    ),
  ];
}
