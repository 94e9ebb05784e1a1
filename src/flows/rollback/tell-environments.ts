import type { AuditEvent } from '../../core/audit/event.ts';
import { escapeText } from '../../core/byte-string.ts';
import { setWords } from '../../core/policy/default-set.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import type { RollbackToRecord } from './record-rollback.ts';

/** The promotion of an environment comes after its directory, and is nothing that a journal could finish. */
export async function tellOfEnvironment(
  ctx: Context,
  {
    trusted,
    set,
    to,
    environment,
  }: Pick<RollbackToRecord, 'trusted' | 'set' | 'to'> & { readonly environment: string | undefined },
): Promise<void> {
  if (environment === undefined) return;
  const live = (await openLog(ctx, trusted)).ledger.live(set.name, environment);
  if (live?.event.snapshot.payload === sha256Of(ctx, to.payload)) return;
  const shown = escapeText(environment);
  ctx.note(
    `warning: the directory is back, but ${shown} is not: run "git rollback --env ${shown}${setWords(set.name)} ${to.snapshot.id}" to end that, too`,
  );
}

/** Of a rollback of an environment, the promotion stands: what is taken back is the directory alone. */
export function tellOfStayingEnvironments(
  ctx: Context,
  {
    log: { ledger },
    trusted,
    set,
    last,
  }: Pick<RollbackToRecord, 'trusted' | 'set'> & {
    readonly log: Awaited<ReturnType<typeof openLog>>;
    readonly last: Extract<AuditEvent, { readonly type: 'rollback' }>;
  },
): void {
  for (const environment of Object.keys(trusted.policy.environments ?? {})) {
    const live = ledger.live(set.name, environment)?.event;
    if (live?.action !== 'rollback' || live.snapshot.payload !== last.to.payload) continue;
    const before = ledger.formerlyLive(set.name, environment)[0]?.event.snapshot.id;
    const shown = escapeText(environment);
    const also = before === undefined ? '' : `. Both: git rollback --env ${shown}${setWords(set.name)} ${before}`;
    ctx.note(`warning: ${shown} stays at ${live.snapshot.id}: this takes back the directory alone${also}`);
  }
}
