import { displayBytes, escapeText, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { DEFAULT_SET } from '../../core/policy/default-set.ts';
import { DONE } from '../exit-code.ts';
import { DeclinedError } from '../exit-code-table.ts';
import { handle } from '../handler.ts';
import { initJson } from '../json/results.ts';
import { renderPairs } from '../render/table.ts';
import { INIT } from '../specs/taking.ts';

/** `git snapshot init`. */
export const init = handle(INIT, async ({ args, io, out, prompt, app }) => {
  const sets = args.path === undefined ? args.set.map(parseSet) : [{ set: DEFAULT_SET, path: args.path }];
  const what = sets.length === 0 ? `${DEFAULT_SET}/` : sets.map(({ path }) => path).join(', ');
  const confirm = async () => {
    if (!(await prompt.confirm(`Prepare this repository for snapshots of ${what}?`, '--yes')))
      throw new DeclinedError();
  };
  const given = io.env['GIT_SNAPSHOT_PASSPHRASE'] !== undefined;
  const passphrase = !args.noPassphrase && (given || (prompt.available && !args.yes));
  const result = await (await app()).init({
    sets,
    key: args.key,
    passphrase,
    confirm: !args.yes && prompt.available && !out.settings.json ? confirm : undefined,
  });
  if (out.settings.json) {
    out.json(initJson(result));
    return DONE;
  }
  const { keySource, policy } = result;
  const from = { made: 'made now', found: 'found', gpg: 'kept by gpg' }[keySource.kind];
  const where = keySource.file === undefined ? from : `${from}, ${displayBytes(utf8Encode(keySource.file))}`;
  out.lines(
    renderPairs(out, [
      ['Repository', result.repository],
      ...result.sets.map(({ set, path }) => ['Set', `${set} (${displayBytes(utf8Encode(path))}/)`] as const),
      ['Key', `${result.key} (${where})`],
      ['Policy', `version ${policy.version}, ${policy.digest}`],
    ]),
  );
  if (keySource.kind === 'made' && !passphrase)
    out.note('The new key has no passphrase: who can read its file can sign for you.');
  if (keySource.kind === 'made') out.note('Keep a copy of the key file: without it nobody can sign for you.');
  const [remote] = result.remotes;
  if (remote !== undefined) out.note(`To share what you take: git snapshot push ${escapeText(remote)}`);
  out.note('Take the first snapshot with "git snapshot -m MESSAGE".');
  return DONE;
});

function parseSet(text: string): { set: string; path: string } {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) {
    throw new SnapshotError('usage', `set '${text}' is not SET=PATH`, {
      hint: 'Write it like models=build/models. Once a repository is set up, its sets are in .snapshots/policy.yaml (docs/policy.md).',
    });
  }
  return { set: text.slice(0, at), path: text.slice(at + 1) };
}
