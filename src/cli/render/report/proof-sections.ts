import { spanText } from '../../../core/length-text.ts';
import type { KeyInfo } from '../../../flows/policy/results.ts';
import type { RepositoryReport } from '../../../flows/report/results.ts';
import { plural } from '../quantities.ts';
import { utcMinute } from '../times.ts';
import { type Cell, code, type Section, tableOf } from './section.ts';

/** What runs out so soon should be renewed now. */
const SOON_SEC = 30 * 86_400;

/** Keys in force and their holders, and when the policy runs out. */
export function keySection({ keys, policyExpiresAtSec, proof, atSec }: RepositoryReport): Section {
  const policy =
    policyExpiresAtSec === undefined
      ? `Version ${proof.policy.version} of the policy does not run out.`
      : expiryCell(policyExpiresAtSec, atSec, `Version ${proof.policy.version} of the policy: `);
  const active = keys.filter(({ status }) => status === 'active');
  const others = keys.length - active.length;
  return {
    id: 'keys',
    title: 'Policy and keys',
    notes: [policy, ...(others === 0 ? [] : [`${plural(others, 'key')} retired or revoked.`])],
    table: tableOf(['Person', 'Key', 'Roles', 'Expiry'], active, (key) => [
      key.person,
      code(key.key),
      key.roles.join(', '),
      keyExpiry(key, atSec),
    ]),
  };
}

function keyExpiry({ expiresAtSec }: KeyInfo, atSec: number): Cell {
  return expiresAtSec === undefined ? 'never' : expiryCell(expiresAtSec, atSec, '');
}

function expiryCell(expiresAtSec: number, atSec: number, before: string): Cell {
  const leftSec = expiresAtSec - atSec;
  const end = leftSec <= 0 ? 'ran out' : 'runs out';
  const text = `${before}${end} ${utcMinute(expiresAtSec)}${leftSec <= 0 ? '' : `, in ${spanText(leftSec)}`}`;
  const tone = expiryTone(expiresAtSec, atSec);
  return tone === undefined ? text : { text, tone };
}

/** How bad it is that something runs out then; undefined while there is time. */
export function expiryTone(expiresAtSec: number, atSec: number): 'bad' | 'warning' | undefined {
  if (expiresAtSec <= atSec) return 'bad';
  return expiresAtSec - atSec < SOON_SEC ? 'warning' : undefined;
}

/** What the report rests on, and how to hold it against a repository. */
export function proofSection({ proof }: RepositoryReport): Section {
  const { repository, policy, log, findings } = proof;
  const facts: (readonly [string, string, string])[] = [
    ['Repository', repository, 'git snapshot trust'],
    ['First policy', policy.root, 'git snapshot trust'],
    [`Policy version ${policy.version}`, policy.digest, 'git snapshot policy history'],
    ['Last event of the log', log.tip ?? 'none', 'git rev-parse refs/notes/snapshots'],
    ...(log.tip === null || log.digest === undefined
      ? []
      : [['Its digest', log.digest, `git cat-file commit ${log.tip} | sha256sum`] as const]),
  ];
  const verified: Cell =
    findings.length === 0
      ? {
          text: `All ${plural(log.events, 'event')} of the audit log verified, with refs, tags and notes.`,
          tone: 'good',
        }
      : { text: `${plural(findings.length, 'finding')}: do not rely on this report.`, tone: 'bad' };
  return {
    id: 'proof',
    title: 'Proof',
    notes: [
      verified,
      ...(log.voided === 0 ? [] : [`${plural(log.voided, 'event')} no longer count: their key was revoked.`]),
      ...findings.slice(0, 20).map(({ rule, detail }): Cell => ({ text: `${rule}: ${detail}`, tone: 'bad' })),
    ],
    table: tableOf(['What', 'Name', 'See for yourself'], facts, ([what, name, command]) => [
      what,
      code(name),
      code(command),
    ]),
  };
}
