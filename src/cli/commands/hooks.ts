import { displayBytes } from '../../core/byte-string.ts';
import type { HookDirectory, HookStatus } from '../../core/share/hook-installation.ts';
import type { HooksChange, HooksStatus } from '../../flows/hooks/results.ts';
import { chooseAction } from '../choose-action.ts';
import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { hooksChangeJson, hooksStatusJson } from '../json/hooks.ts';
import { type Column, renderTable } from '../render/table.ts';
import { HOOKS } from '../specs/hooks.ts';
import type { Output } from '../terminal/output.ts';

type StatusRow = HooksStatus['hooks'][number];

const COLUMNS: readonly Column<StatusRow>[] = [
  { title: 'HOOK', tone: 'changed', text: ({ status }) => status.name },
  { title: 'STATUS', text: ({ status }) => describeState(status) },
  { title: 'WANTED', text: ({ isWanted }) => (isWanted ? 'yes' : 'no') },
  { title: 'RUNS FIRST', text: ({ status }) => describeBefore(status) },
];

/** `git snapshot hooks`. */
export const hooks = handle(HOOKS, async ({ args, out, app }) => {
  const { action } = await chooseAction(HOOKS, args);
  const { server, force } = args;
  const { hooks: flows } = await app();
  switch (action) {
    case 'status': {
      const status = await flows.status({ server, names: args.hook });
      if (out.settings.json) out.json(hooksStatusJson(status));
      else showStatus(out, status);
      return status.ok ? DONE : ANSWER_IS_NO;
    }
    case 'install':
      return showChange(out, await flows.install({ server, names: args.hook, force, trustRoot: args.trustRoot }));
    case 'uninstall':
      return showChange(out, await flows.uninstall({ names: args.hook }));
  }
});

function showStatus(out: Output, { directory, hooks: rows, hint }: HooksStatus): void {
  out.lines(renderTable(out, COLUMNS, rows));
  out.note(`in ${describeDirectory(directory)}`);
  if (hint !== undefined) out.note(`hint: ${hint}`);
}

function showChange(out: Output, change: HooksChange): number {
  if (out.settings.json) {
    out.json(hooksChangeJson(change));
    return DONE;
  }
  for (const { outcome, status } of change.hooks) {
    if (outcome === 'unchanged' && status.state === 'absent') continue;
    const first = outcome === 'installed' && status.before?.runs === true;
    out.line(`${outcome.padEnd('unchanged'.length)}  ${status.name}${first ? ', after the hook that was there' : ''}`);
    if (status.before?.runs === false && status.ours !== undefined)
      out.note(`'${displayBytes(status.before.file)}' may not be executed, so it does not run, as before`);
  }
  const isIdle = change.hooks.every(({ outcome, status }) => outcome === 'unchanged' && status.state === 'absent');
  out.note(isIdle ? 'no hook of git-snapshot is here' : `in ${describeDirectory(change.directory)}`);
  return DONE;
}

function describeDirectory({ path, setting }: HookDirectory): string {
  return `'${displayBytes(path)}'${setting === undefined ? '' : ` (core.hooksPath, ${setting.scope} configuration)`}`;
}

function describeState({ state, runs, version, ours }: HookStatus): string {
  if (state === 'absent') return 'not there';
  const idle = runs ? '' : ', may not be executed';
  switch (state) {
    case 'foreign':
      return `yours${idle}`;
    case 'current':
      return `installed${idle}`;
    case 'outdated':
      return `installed by version ${version ?? ''}${idle}`;
    case 'changed':
      return `installed, and changed since${idle}`;
    case 'nested':
      return `called by another as '${displayBytes(ours?.replace(/^.*\//s, '') ?? '')}'${idle}`;
  }
}

function describeBefore({ before }: HookStatus): string {
  if (before === undefined) return '';
  return `${displayBytes(before.file.replace(/^.*\//s, ''))}${before.runs ? '' : ' (may not be executed)'}`;
}
