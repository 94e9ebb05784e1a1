import { SnapshotError } from '../../core/errors.ts';
import type { Message } from '../../core/snapshot/message.ts';
import type { Context } from '../context.ts';
import { actorFor, requireRole } from '../log/actor.ts';
import { publish } from '../log/publish.ts';
import { soundLog } from '../log/sound-log.ts';
import { requireStanding } from './require-allowed.ts';
import type { HoldAfterRollback, ResumeResult } from './results.ts';
import type { EnvironmentChoice } from './scene.ts';
import { openScene } from './scene.ts';
import { holdInfo } from './show-promotions.ts';

/** Which environment takes promotions again, and why. */
export interface ResumeOptions extends EnvironmentChoice {
  /** The reason. Asked for once nothing that is known at once is in the way; throws where there is none. */
  readonly message: () => Message;
  /** Called with what the environment is on hold for, before anything is signed; throws to stop. */
  readonly confirm: ((hold: HoldAfterRollback) => Promise<void>) | undefined;
}

/**
 * Lets promotions into an environment again that is on hold since a rollback, by a signed event that names the rollback.
 *
 * @throws {SnapshotError} `not-found` where nothing is on hold, `untrusted` for who is no releaser there
 */
export async function resumeEnvironment(ctx: Context, options: ResumeOptions): Promise<ResumeResult> {
  const { trusted, set, environment, log } = await openScene(ctx, options);
  const place = { set: set.name, environment };
  const held = log.ledger.held(place, trusted.policy);
  const hold = holdInfo(held);
  if (held === undefined || hold === undefined) {
    throw new SnapshotError('not-found', `${environment} is not on hold`, {
      hint: 'Promotions to it are taken; see "git snapshot environments".',
    });
  }
  const actor = await actorFor(ctx, trusted);
  const by = requireRole(actor, 'releaser', place);
  const reason = options.message().subject;
  await actor.signer.unlock();
  await options.confirm?.(hold);
  const { number, tag, payload } = held.event;
  await publish(ctx, actor, async () => ({
    event: { type: 'resume', ...place, number, tag, promotion: payload, reason },
    updates: [],
    reason: `snapshot: resume ${set.name}/${environment}`,
    result: undefined,
    // Who rolled back meanwhile did so for a reason that nobody has looked at yet.
    check: requireStanding(await soundLog(ctx, trusted), trusted.policy),
  }));
  return { ...place, hold, by, reason };
}
