import { escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { describeCounts } from '../../core/policy/succession.ts';
import { PROPOSAL_REFS } from '../../core/refs.ts';
import type { PolicyProposal, PolicyVersionDocument, PolicyVersionInfo } from '../../flows/policy/results.ts';
import { confirmChanges } from '../ask/confirm-changes.ts';
import { chooseAction } from '../choose-action.ts';
import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { type CommandRun, handle } from '../handler.ts';
import { policyChangesJson, policyJson, policyProposalJson, policyVersionJson } from '../json/policy.ts';
import { renderPolicy, renderPolicyChanges } from '../render/policy.ts';
import { plural } from '../render/quantities.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatMinute } from '../render/times.ts';
import type { ArgsOf } from '../spec.ts';
import { POLICY } from '../specs/policy.ts';
import { reportPolicy } from '../tell/report-policy.ts';

type PolicyRun = CommandRun<ArgsOf<typeof POLICY>>;

const HISTORY: readonly Column<PolicyVersionInfo>[] = [
  { title: 'VERSION', align: 'right', text: ({ version }) => String(version) },
  {
    title: 'EVENT',
    align: 'right',
    spare: true,
    text: ({ since }) => (since === undefined ? 'none' : String(since.seq)),
  },
  { title: 'AT', text: ({ since }) => (since === undefined ? '' : formatMinute(since.atSec)) },
  { title: 'BY', text: ({ since }) => escapeText(since?.actor ?? '') },
  { title: 'CHANGES', align: 'right', text: ({ changes }) => String(changes.length) },
  { title: 'SIGNED BY', text: ({ signatures }) => describeCounts(signatures) },
];

const PROPOSALS: readonly Column<PolicyProposal>[] = [
  { title: 'PROPOSAL', tone: 'changed', text: ({ ref }) => escapeText(ref.slice(PROPOSAL_REFS.length)) },
  { title: 'VERSION', align: 'right', text: ({ version }) => String(version) },
  {
    title: 'SIGNED BY',
    text: ({ isStale, signatures }) => (isStale ? 'cannot follow the policy any more' : describeCounts(signatures)),
  },
];

/** `git snapshot policy`. */
export const policy = handle(POLICY, async (run) => {
  const { args, out } = run;
  const { action, argument } = await chooseAction(POLICY, args);
  if (action === 'schema') {
    const { policyJsonSchema } = await import('../../core/policy/schema.ts');
    if (out.settings.json) out.json(policyJsonSchema());
    else out.line(JSON.stringify(policyJsonSchema(), null, 2));
    return DONE;
  }
  const { policy: app } = await run.app();
  switch (action) {
    case 'show':
      return show(run, await app.show(versionOf(argument)));
    case 'check': {
      const { version, changes } = await app.check(argument);
      if (out.settings.json) out.json({ version, changes: policyChangesJson(changes) });
      else if (changes.length === 0) out.line('nothing would change: there is nothing to apply');
      else out.line(`would be version ${version}, with ${plural(changes.length, 'change')}`);
      return DONE;
    }
    case 'diff': {
      const { changes, faults } = await app.diff(argument);
      if (out.settings.json) out.json({ changes: policyChangesJson(changes), faults });
      else out.lines(renderPolicyChanges(out, changes));
      for (const fault of faults) out.note(`warning: it cannot follow the policy in force: ${fault}`);
      return args.exitCode && changes.length > 0 ? ANSWER_IS_NO : DONE;
    }
    case 'apply':
      return reportPolicy(out, await app.apply({ file: argument, confirm: confirmChanges(run, args) }));
    case 'sign':
      return reportPolicy(out, await app.sign({ proposal: argument, confirm: confirmChanges(run, args) }));
    case 'history': {
      const versions = await app.history();
      if (out.settings.json) out.json(versions.map(policyVersionJson));
      else out.lines(renderTable(out, HISTORY, versions));
      return DONE;
    }
    case 'proposals': {
      const proposals = await app.proposals();
      if (out.settings.json) out.json(proposals.map(policyProposalJson));
      else if (proposals.length === 0) out.note('no policy waits for signatures');
      else out.lines(renderTable(out, PROPOSALS, proposals));
      return DONE;
    }
  }
});

async function show({ args, io, out }: PolicyRun, shown: PolicyVersionDocument): Promise<number> {
  if (args.yaml) out.lines(await yamlLines(shown));
  else if (out.settings.json) out.json(policyJson(shown));
  else out.lines(renderPolicy(out, shown, io.now()));
  return DONE;
}

async function yamlLines({ version, source }: PolicyVersionDocument): Promise<string[]> {
  const { stringify } = await import('yaml');
  return [
    `# The policy to follow version ${version}. Change it, look at it with "git snapshot policy diff", and sign it with`,
    '# "git snapshot policy apply". Every field is explained in docs/policy.md.',
    stringify(source, shorten, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd(),
  ];
}

/** People of whom one is enough, as the list that they may be written as. */
function shorten(_name: unknown, value: unknown): unknown {
  const isHolders = typeof value === 'object' && value !== null && 'threshold' in value && 'people' in value;
  return isHolders && value.threshold === 1 ? value.people : value;
}

function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new SnapshotError('usage', `'${text}' is not the number of a version`, {
    hint: 'See "git snapshot policy history".',
  });
}
