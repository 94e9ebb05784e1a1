import { escapeText } from '../../core/byte-string.ts';
import type { LogEntry, LogRepair, LogVerification } from '../../flows/results.ts';
import { ask } from '../ask/confirm-changes.ts';
import { chooseAction } from '../choose-action.ts';
import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { type CommandRun, handle } from '../handler.ts';
import { logRepairJson, logVerificationJson } from '../json/policy.ts';
import { logEntryJson } from '../json/results.ts';
import { parseSince } from '../parse/text-values.ts';
import { plural } from '../render/quantities.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatMinute } from '../render/times.ts';
import type { ArgsOf } from '../spec.ts';
import { LOG } from '../specs/log.ts';
import type { Output } from '../terminal/output.ts';

const COLUMNS: readonly Column<LogEntry>[] = [
  { title: 'NO', align: 'right', text: ({ seq }) => String(seq) },
  { title: 'AT', text: ({ atSec }) => formatMinute(atSec) },
  { title: 'EVENT', tone: 'changed', text: ({ type }) => escapeText(type) },
  { title: 'ACTOR', text: ({ actor }) => escapeText(actor) },
  {
    title: 'WHAT',
    text: ({ type, summary, voided }) => {
      // The column before has said the type.
      const what = summary.startsWith(`${type}: `) ? summary.slice(type.length + 2) : summary;
      return escapeText(voided === undefined ? what : `(does not count) ${what}`);
    },
  },
];

type LogRun = CommandRun<ArgsOf<typeof LOG>>;

/** `git snapshot log`. */
export const log = handle(LOG, async (run) => {
  const { action } = await chooseAction(LOG, run.args);
  if (action === 'repair') return repair(run);
  return run.args.verify ? verify(run) : list(run);
});

async function list({ args, io, out, app }: LogRun): Promise<number> {
  const entries = await (await app()).log({
    set: args.set,
    limit: args.limit,
    types: args.type,
    sinceSec: args.since === undefined ? undefined : parseSince(args.since, io.now()),
    actor: args.actor,
    snapshot: args.snapshot,
  });
  if (out.settings.json) out.json(entries.map(logEntryJson));
  else if (entries.length === 0) out.note('no events');
  else out.lines(renderTable(out, COLUMNS, entries));
  return DONE;
}

async function verify({ out, app }: LogRun): Promise<number> {
  const result = await (await app()).verifyLog();
  if (out.settings.json) out.json(logVerificationJson(result));
  else if (!out.settings.quiet || !result.ok) out.lines(verificationLines(out, result));
  return result.ok ? DONE : ANSWER_IS_NO;
}

function verificationLines(out: Output, { ok, events, voided, policyVersion, findings }: LogVerification): string[] {
  const notes = voided.map(({ detail }) => `  ${escapeText(detail)}`);
  if (ok) return [`${plural(events, 'event')} verified, policy version ${policyVersion}`, ...notes];
  return [
    ...findings.flatMap(({ rule, object, detail }) => [
      `${out.tone('bad', 'BAD')} ${escapeText(rule)}`,
      `    object: ${object}`,
      `    detail: ${escapeText(detail)}`,
    ]),
    `${plural(findings.length, 'finding')}; ${plural(events, 'event')} stand${events === 1 ? 's' : ''}`,
    ...notes,
  ];
}

async function repair(run: LogRun): Promise<number> {
  const { args, out } = run;
  const confirm = async (planned: LogRepair) => ask(run, { lines: repairLines(planned), question: 'Sign this?' });
  const result = await (await run.app()).repairLog({ message: args.message, confirm: args.yes ? undefined : confirm });
  if (out.settings.json) out.json(logRepairJson(result));
  else if (result.outcome === 'nothing-to-do') out.line('nothing to repair');
  else out.lines([...repairLines(result), `repaired by event ${result.seq}`]);
  return DONE;
}

function repairLines({ skipped, notes }: LogRepair): string[] {
  return [
    ...(skipped.length === 0 ? [] : [`${plural(skipped.length, 'commit')} passed over:`]),
    ...skipped.map(({ commit, detail }) => `  ${commit}  ${escapeText(detail)}`),
    ...(notes ? ['the notes are made anew from the events'] : []),
  ];
}
