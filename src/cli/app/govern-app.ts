import type { PolicyChange } from '../../core/policy/diff.ts';
import type { KeyId, PublicKey } from '../../core/signing.ts';
import type {
  KeyInfo,
  PolicyOutcome,
  PolicyProposal,
  PolicyVersionDocument,
  PolicyVersionInfo,
  TrustAhead,
  TrustStatus,
} from '../../flows/policy/results.ts';

/** Awaited with what the new policy changes, before it is signed. Throws to stop. */
export type ConfirmChanges = ((changes: readonly PolicyChange[]) => Promise<void>) | undefined;

/** The policy: who may do what. */
export interface PolicyApp {
  /** Undefined: the version in force. */
  show(version: number | undefined): Promise<PolicyVersionDocument>;
  /** Which version the policy that people wrote would be; throws with every fault. Undefined: the usual file. */
  check(file: string | undefined): Promise<{ readonly version: number; readonly changes: readonly PolicyChange[] }>;
  /** What it would change, whether it may follow or not; throws where it is not a policy. */
  diff(
    file: string | undefined,
  ): Promise<{ readonly changes: readonly PolicyChange[]; readonly faults: readonly string[] }>;
  apply(options: { readonly file: string | undefined; readonly confirm: ConfirmChanges }): Promise<PolicyOutcome>;
  /** `proposal`: version, name or digest of one; undefined: the only one there is. */
  sign(options: { readonly proposal: string | undefined; readonly confirm: ConfirmChanges }): Promise<PolicyOutcome>;
  proposals(): Promise<readonly PolicyProposal[]>;
  /** Newest first. */
  history(): Promise<readonly PolicyVersionInfo[]>;
}

/** The keys of the policy. */
export interface KeysApp {
  list(): Promise<readonly KeyInfo[]>;
  add(options: {
    readonly file: string;
    readonly person: string;
    readonly name: string | undefined;
    readonly confirm: ConfirmChanges;
  }): Promise<PolicyOutcome>;
  rotate(options: {
    readonly key: string | undefined;
    readonly passphrase: boolean;
    readonly confirm: ConfirmChanges;
  }): Promise<PolicyOutcome & { readonly retired: KeyId; readonly added: KeyId }>;
  retire(options: { readonly key: string; readonly confirm: ConfirmChanges }): Promise<PolicyOutcome>;
  revoke(options: {
    readonly key: string;
    readonly reason: 'compromised' | 'lost';
    readonly since: number | undefined;
    readonly confirm: ConfirmChanges;
  }): Promise<PolicyOutcome>;
  /** Undefined: all keys of the policy in force. */
  export(key: string | undefined): Promise<readonly { readonly person: string; readonly publicKey: PublicKey }[]>;
  /** The SSH keys among them, as lines of a file of allowed signers, each ended by a line feed. */
  allowedSigners(key: string | undefined): Promise<readonly string[]>;
}

/** What this user trusts of the repository. */
export interface TrustApp {
  show(): Promise<TrustStatus | TrustAhead>;
  pin(digest: string): Promise<TrustStatus | TrustAhead>;
  /** Takes policy and log as they are now, whatever was seen before. `confirm`: awaited with both; throws to stop. */
  accept(options: { readonly confirm: ((status: TrustStatus) => Promise<void>) | undefined }): Promise<TrustStatus>;
}
