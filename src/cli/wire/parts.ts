import type { Context } from '../../flows/context.ts';
import type { Repository } from '../../git/open-repository.ts';
import type { App } from '../app/app.ts';
import type { ExchangeApp } from '../app/exchange-app.ts';
import type { KeysApp, PolicyApp } from '../app/govern-app.ts';
import type { HooksApp } from '../app/hooks-app.ts';
import type { PromotionApp } from '../app/promotion-app.ts';
import type { RehearsalApp } from '../app/rehearsal-app.ts';
import type { RetentionApp } from '../app/retention-app.ts';
import type { ShareApp } from '../app/share-app.ts';
import type { WatchApp } from '../app/watch-app.ts';
import type { Surroundings } from './files.ts';
import { lazily } from './lazily.ts';

type Parts = Pick<
  App,
  'policy' | 'keys' | 'promotion' | 'retention' | 'rehearsal' | 'share' | 'exchange' | 'hooks' | 'watch'
>;

/** The parts of the app, none of which is loaded before it is used. */
export function openParts(ctx: Context, repository: Repository, around: Surroundings): Parts {
  const hooks = lazily<HooksApp>(HOOKS, async () => (await import('./hooks.ts')).hooksApp(ctx, repository));
  return {
    policy: lazily<PolicyApp>(POLICY, async () => (await import('./policy.ts')).policyApp(ctx)),
    keys: lazily<KeysApp>(KEYS, async () => (await import('./policy.ts')).keysApp(ctx)),
    promotion: lazily<PromotionApp>(PROMOTION, async () => (await import('./promotion.ts')).promotionApp(ctx)),
    retention: lazily<RetentionApp>(RETENTION, async () => (await import('./retention.ts')).retentionApp(ctx)),
    rehearsal: lazily<RehearsalApp>(REHEARSAL, async () =>
      (await import('./rehearsal.ts')).rehearsalApp(ctx, repository, around),
    ),
    share: lazily<ShareApp>(SHARE, async () => (await import('./share.ts')).shareApp(ctx)),
    exchange: lazily<ExchangeApp>(EXCHANGE, async () =>
      (await import('./exchange.ts')).exchangeApp(ctx, repository, around),
    ),
    hooks,
    watch: lazily<WatchApp>(WATCH, async () =>
      (await import('./watch.ts')).watchApp(ctx, { repository, hooks, around }),
    ),
  };
}

const POLICY = {
  show: true,
  check: true,
  diff: true,
  apply: true,
  sign: true,
  proposals: true,
  history: true,
} as const;
const KEYS = {
  list: true,
  add: true,
  rotate: true,
  retire: true,
  revoke: true,
  export: true,
  allowedSigners: true,
} as const;
const PROMOTION = {
  promote: true,
  decide: true,
  review: true,
  environments: true,
  list: true,
  resume: true,
  check: true,
  rollback: true,
} as const;
const RETENTION = {
  plan: true,
  freedBytes: true,
  apply: true,
  pruneAfterCreate: true,
  hold: true,
  release: true,
  holds: true,
  trash: true,
  undelete: true,
  erase: true,
  purge: true,
} as const;
const REHEARSAL = { rehearse: true, rollBackAndDie: true } as const;
const SHARE = { fetch: true, push: true } as const;
const EXCHANGE = { exportSnapshot: true, importSnapshot: true } as const;
const HOOKS = {
  install: true,
  uninstall: true,
  status: true,
  prePush: true,
  preReceive: true,
  referenceTransaction: true,
} as const;
const WATCH = { levels: true, metrics: true, report: true, examine: true } as const;
