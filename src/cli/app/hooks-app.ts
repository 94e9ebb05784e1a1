import type { HookName, PushedUpdate, ReceivedUpdate, TransactionUpdate } from '../../core/share/hook-input.ts';
import type { HookVerdict } from '../../core/share/hook-verdict.ts';
import type { HooksChange, HooksStatus } from '../../flows/hooks/results.ts';

interface HookChoice {
  /** Empty: what this kind of repository wants. */
  readonly names: readonly HookName[];
  /** As for a repository that others push to. */
  readonly server: boolean;
}

/** The hooks of git: putting them in place, and what they ask when git runs them. */
export interface HooksApp {
  install(
    options: HookChoice & {
      readonly force: boolean;
      /** Digest of the first version of the policy that is to be trusted here. */
      readonly trustRoot: string | undefined;
    },
  ): Promise<HooksChange>;
  uninstall(options: Pick<HookChoice, 'names'>): Promise<HooksChange>;
  status(options: HookChoice): Promise<HooksStatus>;
  prePush(push: {
    /** As configured, or the address where it has no name. */
    readonly remote: string;
    readonly url: string;
    readonly updates: readonly PushedUpdate[];
  }): Promise<HookVerdict>;
  preReceive(push: { readonly updates: readonly ReceivedUpdate[] }): Promise<HookVerdict>;
  referenceTransaction(transaction: {
    readonly state: string;
    readonly updates: readonly TransactionUpdate[];
  }): Promise<HookVerdict>;
}
