import { type Checkup, note, ok, wrong } from '../../core/doctor/check.ts';
import { hidesGoverned, overwritesGoverned } from '../../core/doctor/ref-settings.ts';
import { SnapshotError } from '../../core/errors.ts';
import { GOVERNED_REFS } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import type { HooksStatus } from '../hooks/results.ts';
import { chooseRemote } from '../share/choose-remote.ts';

/** Hooks: a server without them takes anything; a clone without them has only lost a convenience. */
export function checkHooks({ isBare }: Pick<Context, 'isBare'>, { hooks, ok: isWell, hint }: HooksStatus): Checkup[] {
  const wanted = hooks.filter(({ isWanted }) => isWanted);
  const states = wanted.map(({ status: { name, state } }) => `${name}: ${state}`).join(', ');
  if (isWell) return [ok('hooks', states)];
  const help = hint ?? 'Run "git snapshot hooks install".';
  const isOursBroken = wanted.some(({ status: { state } }) => state === 'outdated' || state === 'changed');
  return [isBare || isOursBroken ? wrong('hooks', states, help) : note('hooks', states, help)];
}

/** Remotes: what is not with one is in this clone alone. By what was seen there last; none is called. */
export async function checkRemotes(ctx: Context, config: ReadonlyMap<string, readonly string[]>): Promise<Checkup[]> {
  const refspecs = [...config].flatMap(([key, values]) =>
    /^remote\..*\.fetch$/.test(key) ? values.filter(overwritesGoverned).map((value) => `${key}=${value}`) : [],
  );
  const [first] = refspecs;
  const fetching =
    first === undefined
      ? ok('refspecs', 'no "git fetch" moves refs of snapshots unverified')
      : wrong(
          'refspecs',
          `"git fetch" moves refs of snapshots before anybody has verified them: ${first}`,
          'Take it out of the configuration; "git snapshot fetch" needs none.',
        );
  return [fetching, await checkUsualRemote(ctx)];
}

async function checkUsualRemote(ctx: Context): Promise<Checkup> {
  try {
    const { name, space } = await chooseRemote(ctx, undefined);
    const theirs = new Map(
      (await ctx.store.listRefs(space.prefix)).map((ref) => [space.remoteName(ref.name), ref.oid]),
    );
    if (theirs.size === 0)
      return note('remote', `nothing is known of what '${name}' has`, `Run "git snapshot push ${name}".`);
    const ours = (await Promise.all(GOVERNED_REFS.map((prefix) => ctx.store.listRefs(prefix)))).flat();
    const missing = ours.filter((ref) => theirs.get(ref.name) !== ref.oid).length;
    if (missing === 0) return ok('remote', `'${name}' had all of it when it was last seen`);
    return note(
      'remote',
      `'${name}' lacked ${missing} of ${ours.length} refs when it was last seen`,
      `Run "git snapshot sync ${name}".`,
    );
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return note('remote', `${error.message}: snapshots are in this clone alone`, error.hint);
  }
}

/** Settings of a repository that others push to. */
export function checkServer(config: ReadonlyMap<string, readonly string[]>): Checkup[] {
  const isOn = (key: string) => /^(true|yes|on|1)$/i.test(config.get(key)?.at(-1) ?? '');
  const isOff = (key: string) => /^(false|no|off|0)$/i.test(config.get(key)?.at(-1) ?? '');
  const hidden = ['receive.hiderefs', 'transfer.hiderefs', 'uploadpack.hiderefs'].flatMap((key) =>
    (config.get(key) ?? []).filter(hidesGoverned).map((value) => `${key}=${value}`),
  );
  const faults = [
    ...(isOff('receive.advertiseatomic')
      ? [
          wrong(
            'receive',
            'receive.advertiseAtomic is off: every push of snapshots is refused',
            'Run "git config --unset receive.advertiseAtomic".',
          ),
        ]
      : []),
    ...(isOn('receive.denydeletes')
      ? [
          wrong(
            'receive',
            'receive.denyDeletes refuses what pruning and releasing a hold do',
            'Run "git config --unset receive.denyDeletes"; the hooks guard these refs.',
          ),
        ]
      : []),
    ...hidden.map((one) => wrong('receive', `${one} hides refs of snapshots`, `Take it out of the configuration.`)),
  ];
  const fsck = isOn('receive.fsckobjects') || (isOn('transfer.fsckobjects') && !isOff('receive.fsckobjects'));
  return [
    ...(faults.length === 0 ? [ok('receive', 'no setting is in the way of a push')] : faults),
    fsck
      ? ok('fsck', 'objects are checked when they are pushed')
      : note('fsck', 'git does not check the objects that are pushed', 'Run "git config receive.fsckObjects true".'),
  ];
}
