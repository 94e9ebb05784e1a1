import { SnapshotError } from '../../core/errors.ts';
import type { KeyInfo } from '../../flows/policy/results.ts';
import type { KeysApp } from '../app/govern-app.ts';
import { confirmChanges, requireSomebody } from '../ask/confirm-changes.ts';
import { chooseAction } from '../choose-action.ts';
import { DONE } from '../exit-code.ts';
import { type CommandRun, handle } from '../handler.ts';
import { keyJson } from '../json/policy.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatMinute } from '../render/times.ts';
import type { ArgsOf } from '../spec.ts';
import { KEY } from '../specs/key.ts';
import { reportPolicy } from '../tell/report-policy.ts';

const COLUMNS: readonly Column<KeyInfo>[] = [
  { title: 'KEY', tone: 'changed', text: ({ key }) => key },
  { title: 'PERSON', text: ({ person }) => person },
  { title: 'STATUS', text: ({ status }) => status },
  {
    title: 'VERSIONS',
    spare: true,
    text: ({ fromVersion, toVersion, status }) =>
      status === 'active' ? `${fromVersion}-` : `${fromVersion}-${toVersion}`,
  },
  {
    title: 'EXPIRES',
    spare: true,
    text: ({ expiresAtSec }) => (expiresAtSec === undefined ? 'never' : formatMinute(expiresAtSec)),
  },
  {
    title: 'ROLES',
    text: ({ roles, revoked }) =>
      revoked === undefined ? roles.join(', ') : `${revoked.reason}, not believed from event ${revoked.since} on`,
  },
];

type KeyRun = CommandRun<ArgsOf<typeof KEY>>;

/** `git snapshot key`. */
export const key = handle(KEY, async (run) => {
  const { args, out } = run;
  const { action, argument = '' } = await chooseAction(KEY, args);
  const confirm = confirmChanges(run, args);
  switch (action) {
    case 'list': {
      const keys = await (await open(run)).list();
      if (out.settings.json) out.json(keys.map(keyJson));
      else out.lines(renderTable(out, COLUMNS, keys));
      return DONE;
    }
    case 'add': {
      const { person, name } = args;
      if (person === undefined) throw missing('--person', 'Say whose key it is, as the policy calls them.');
      return reportPolicy(out, await (await open(run)).add({ file: argument, person, name, confirm }));
    }
    case 'rotate':
      return rotate(run);
    case 'retire':
      return reportPolicy(out, await (await open(run)).retire({ key: argument, confirm }));
    case 'revoke': {
      const { reason, since } = args;
      if (reason === undefined) throw missing('--reason', 'Say compromised or lost.');
      return reportPolicy(out, await (await open(run)).revoke({ key: argument, reason, since, confirm }));
    }
    case 'export':
      return exportKeys(run, args.argument);
  }
});

async function open(run: KeyRun): Promise<KeysApp> {
  return (await run.app()).keys;
}

async function rotate(run: KeyRun): Promise<number> {
  const { args, io, prompt, out } = run;
  // Before a key is made that nothing would come of.
  if (!args.yes) requireSomebody(prompt);
  const given = io.env['GIT_SNAPSHOT_PASSPHRASE'] !== undefined;
  const passphrase = !args.noPassphrase && (given || (prompt.available && !args.yes));
  const keys = await open(run);
  const result = await keys.rotate({ key: args.key, passphrase, confirm: confirmChanges(run, args) });
  const { retired, added } = result;
  const isDone = result.outcome !== 'proposed';
  if (!out.settings.json)
    out.lines(
      isDone ? [`retired ${retired}`, `added   ${added}`] : [`to be retired ${retired}`, `to be added   ${added}`],
    );
  reportPolicy(out, result, { retired, added });
  if (!out.settings.json && (args.key ?? 'new') === 'new')
    out.note('Keep a copy of the new key file, and the old key until everybody has the new policy.');
  return DONE;
}

async function exportKeys(run: KeyRun, word: string | undefined): Promise<number> {
  const { args, out } = run;
  const keys = await open(run);
  if (args.allowedSigners) {
    const lines = await keys.allowedSigners(word);
    if (lines.length === 0) out.note('the policy has no SSH keys');
    out.bytes(Buffer.from(lines.join(''), 'latin1'));
    return DONE;
  }
  const exported = await keys.export(word);
  if (out.settings.json) {
    out.json(exported.map(({ person, publicKey: { key: id, armored } }) => ({ person, key: id, armored })));
  } else {
    out.bytes(Buffer.from(exported.map(({ publicKey }) => publicKey.armored).join(''), 'latin1'));
  }
  return DONE;
}

function missing(option: string, hint: string): SnapshotError {
  return new SnapshotError('usage', `no ${option} given`, { hint });
}
