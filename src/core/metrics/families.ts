import type { MetricFacts } from './facts.ts';
import { counter, gauge, type MetricFamily } from './family.ts';
import { setFamilies } from './set-families.ts';

/** All metrics, in the order in which they are written. Times are instants; ages are as of the moment that is written first. */
export function metricFamilies(facts: MetricFacts): MetricFamily[] {
  const { nowSec, version, policy, keys, log, unfinishedRollbacks, sets } = facts;
  const { expiresAtSec } = policy;
  const ofKeys = (value: (expiresAt: number) => number) =>
    keys.map(({ key, person, expiresAtSec: at }) => [{ person, key }, value(at)] as const);
  return [
    gauge(
      { name: 'git_snapshot_generated_timestamp_seconds', help: 'When these metrics were made; ages are as of then.' },
      [[{}, nowSec]],
    ),
    gauge({ name: 'git_snapshot_build', help: 'Always 1; the label tells the version of the program.' }, [
      [{ version }, 1],
    ]),
    gauge({ name: 'git_snapshot_policy_version', help: 'Version of the policy in force.' }, [[{}, policy.version]]),
    gauge({ name: 'git_snapshot_policy_expiry_timestamp_seconds', help: 'When the policy runs out.' }, [
      [{}, expiresAtSec],
    ]),
    gauge(
      { name: 'git_snapshot_policy_expires_in_seconds', help: 'Until the policy runs out; negative: it has run out.' },
      [[{}, expiresAtSec === undefined ? undefined : expiresAtSec - nowSec]],
    ),
    gauge(
      { name: 'git_snapshot_key_expiry_timestamp_seconds', help: 'When a key of the policy runs out.' },
      ofKeys((at) => at),
    ),
    gauge(
      { name: 'git_snapshot_key_expires_in_seconds', help: 'Until a key of the policy runs out; negative: it has.' },
      ofKeys((at) => at - nowSec),
    ),
    gauge({ name: 'git_snapshot_log_findings', help: 'What is wrong with the audit log; 0: it is sound.' }, [
      [{}, log.findings],
    ]),
    gauge(
      { name: 'git_snapshot_log_voided_events', help: 'Events that do not count any more: their key was revoked.' },
      [[{}, log.voided]],
    ),
    counter(
      { name: 'git_snapshot_events', help: 'Events of the audit log.' },
      log.events.map(({ type, set, count }) => [set === undefined ? { type } : { set, type }, count]),
    ),
    gauge({ name: 'git_snapshot_unfinished_rollbacks', help: 'Rollbacks here that must be continued or aborted.' }, [
      [{}, unfinishedRollbacks],
    ]),
    ...setFamilies(sets, nowSec),
  ];
}
