import { displayBytes, escapeText, utf8Encode } from '../../core/byte-string.ts';
import { type PolicyChange, policyFields } from '../../core/policy/diff.ts';
import { isExpired } from '../../core/policy/roles.ts';
import type { Policy } from '../../core/policy/schema.ts';
import { describeCounts, missingSignatures } from '../../core/policy/succession.ts';
import { PROPOSAL_REFS } from '../../core/refs.ts';
import type { PolicyOutcome, PolicyVersionDocument } from '../../flows/policy/results.ts';
import type { Output, Painter } from '../terminal/output.ts';
import { renderPairs, renderTable } from './table.ts';

/** All that a version of the policy says. Terminals cut what is last in a row, so keys and people are not. */
export function renderPolicy(
  out: Output,
  { version, digest, commit, inForce, policy }: PolicyVersionDocument,
  nowMs: number,
): string[] {
  const { repository, revoked = {} } = policy;
  const revocations = Object.entries(revoked);
  return [
    out.tone('changed', `policy version ${version}${inForce ? ', in force' : ''}`),
    ...renderPairs(out, [
      ['Digest', digest],
      ['Repository', repository],
      ['Commit', commit],
      ['Expires', expiryText(out, policy, nowMs)],
    ]),
    '',
    ...renderTable(
      out,
      [
        { title: 'SET', text: ([name]) => name },
        { title: 'DIRECTORY', text: ([, { path }]) => `${displayBytes(utf8Encode(path))}/` },
        { title: 'LEFT OUT', text: ([, { exclude }]) => escapeText(exclude.join(' ')) },
      ],
      Object.entries(policy.sets),
    ),
    '',
    ...renderTable(
      out,
      [
        { title: 'PERSON', text: ({ person }) => person },
        { title: 'KEY', text: ({ key }) => key },
        { title: 'NAME', text: ({ name }) => escapeText(name) },
      ],
      peopleRows(policy),
    ),
    '',
    ...renderTable(
      out,
      [
        { title: 'ROLE', text: ({ role }) => role },
        { title: 'NEEDS', align: 'right', text: ({ threshold }) => String(threshold) },
        { title: 'OF', text: ({ people }) => people.join(', ') },
        { title: 'SET', text: ({ set }) => set },
      ],
      roleRows(policy),
    ),
    ...(revocations.length === 0
      ? []
      : [
          '',
          ...renderTable(
            out,
            [
              { title: 'REVOKED', text: ([key]) => key },
              { title: 'REASON', text: ([, { reason }]) => reason },
              { title: 'NOT BELIEVED', text: ([, { since }]) => `from event ${since} on` },
            ],
            revocations,
          ),
        ]),
    ...otherFields(out, policy),
  ];
}

/** What has no table of its own. */
const SHOWN =
  /^(?:format|repository|version|expires|(?:people|keys|roles|revoked)\..*|sets\.[^/]+\.(?:path|exclude|roles\..*))$/;

function otherFields(out: Output, policy: Policy): string[] {
  const fields = [...policyFields(policy)].filter(([path]) => !SHOWN.test(path));
  if (fields.length === 0) return [];
  const columns = [
    { title: 'FIELD', text: ([path]: (typeof fields)[number]) => escapeText(path) },
    { title: 'VALUE', text: ([, value]: (typeof fields)[number]) => escapeText(value) },
  ];
  return ['', ...renderTable(out, columns, fields)];
}

function expiryText(out: Painter, policy: Policy, nowMs: number): string {
  const { expires = 'never' } = policy;
  return isExpired(policy, Math.floor(nowMs / 1000)) ? out.tone('bad', `${expires}, which is past`) : expires;
}

function peopleRows({ people }: Policy) {
  return Object.entries(people).flatMap(([person, { name, keys }]) =>
    (keys.length === 0 ? ['none'] : keys).map((key, i) => ({
      person: i === 0 ? person : '',
      name: i === 0 ? name : '',
      key,
    })),
  );
}

function roleRows({ roles, sets }: Policy) {
  const rowsOf = (held: Partial<Policy['roles']>, set: string) =>
    Object.entries(held).flatMap(([role, holders]) => (holders === undefined ? [] : [{ role, set, ...holders }]));
  return [...rowsOf(roles, 'all'), ...Object.entries(sets).flatMap(([set, { roles: own }]) => rowsOf(own ?? {}, set))];
}

/** What differs, a field a paragraph: what it was, and what it becomes. */
export function renderPolicyChanges(out: Painter, changes: readonly PolicyChange[]): string[] {
  return changes.flatMap(({ path, before, after }) => [
    out.tone('strong', escapeText(path)),
    ...(before === undefined ? [] : [out.tone('removed', `  - ${valueText(before)}`)]),
    ...(after === undefined ? [] : [out.tone('added', `  + ${valueText(after)}`)]),
  ]);
}

function valueText(value: string): string {
  return value === '' ? 'nothing' : escapeText(value);
}

/** What became of a change of the policy. */
export function renderPolicyOutcome(out: Painter, result: PolicyOutcome): string[] {
  const { outcome, version, digest, signatures } = result;
  const state = outcome === 'in-force' ? out.tone('good', 'in force') : out.tone('changed', 'proposed');
  return [
    `policy version ${version} is ${state} (${digest})`,
    ` signed by ${describeCounts(signatures)}`,
    ...missingSignatures(signatures).map((missing) => ` missing: ${missing}`),
  ];
}

/** What to do next, so that others have it too. */
export function sharingAdvice({ proposal, hasRemote, signatures }: PolicyOutcome): string[] {
  const push = hasRemote ? ['To share it: git snapshot push'] : [];
  if (proposal === undefined) return push;
  const sign = `git snapshot policy sign ${proposal.slice(PROPOSAL_REFS.length)}`;
  if (signatures.some(({ signed }) => signed.length > 0))
    return [...push, `The others type: git snapshot fetch && ${sign}`];
  return [
    `No root has signed it, and a push leaves it out. To hand it to one: git bundle create proposal.bundle ${proposal}`,
    `The root types: git fetch proposal.bundle ${proposal}:${proposal} && ${sign}`,
  ];
}
