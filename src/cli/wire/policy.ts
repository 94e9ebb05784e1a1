import { diffPolicies } from '../../core/policy/diff.ts';
import type { Context, KeyChoice } from '../../flows/context.ts';
import type { ConfirmPolicy } from '../../flows/policy/change-policy.ts';
import type { TrustedPolicy } from '../../flows/policy/load-policy.ts';
import type { ConfirmChanges, KeysApp, PolicyApp } from '../app/govern-app.ts';

const load = async (ctx: Context) => (await import('../../flows/policy/load-policy.ts')).loadPolicy(ctx);
const inspecting = () => import('../../flows/policy/inspect-policy.ts');
const changing = () => import('../../flows/policy/change-policy.ts');
const changingKeys = () => import('../../flows/policy/change-keys.ts');

/** The part of the {@link App} that is about the policy. */
export function policyApp(ctx: Context): PolicyApp {
  return {
    show: async (version) => {
      const trusted = await load(ctx);
      const { policy, digest, commit } = await (await inspecting()).policyVersion(trusted, version);
      const { sourceOf } = await import('../../core/policy/source.ts');
      const inForce = policy.version === trusted.policy.version;
      return { version: policy.version, digest, commit, inForce, policy, source: sourceOf(policy) };
    },
    diff: async (file) => {
      const trusted = await load(ctx);
      const { diffDraft, readDraft } = await inspecting();
      return diffDraft(ctx, trusted, await readDraft(ctx, trusted, { file, mustFollow: false }));
    },
    check: async (file) => {
      const trusted = await load(ctx);
      const { diffDraft, readDraft } = await inspecting();
      const draft = await readDraft(ctx, trusted, { file, mustFollow: true });
      const { changes } = diffDraft(ctx, trusted, draft);
      return { version: draft.policy.version, changes };
    },
    apply: async ({ file, confirm }) => {
      const trusted = await load(ctx);
      const draft = await (await inspecting()).readDraft(ctx, trusted, { file, mustFollow: true });
      return (await changing()).proposePolicy(ctx, trusted, { draft, confirm: confirming(trusted, confirm) });
    },
    sign: async ({ proposal, confirm }) => {
      const trusted = await load(ctx);
      const chosen = await (await inspecting()).chooseProposal(ctx, trusted, proposal);
      return (await changing()).signProposal(ctx, trusted, { ...chosen, confirm: confirming(trusted, confirm) });
    },
    proposals: async () => (await inspecting()).listProposals(ctx, await load(ctx)),
    history: async () => (await inspecting()).policyHistory(ctx, await load(ctx)),
  };
}

/** The part of the {@link App} that is about keys. */
export function keysApp(ctx: Context): KeysApp {
  const listing = () => import('../../flows/policy/list-keys.ts');
  return {
    list: async () => (await listing()).listKeys(ctx, await load(ctx)),
    export: async (key) => (await listing()).exportKeys(await load(ctx), key),
    allowedSigners: async (key) => {
      const exported = await (await listing()).exportKeys(await load(ctx), key);
      const { allowedSignersLine } = await import('../../core/ssh/allowed-signers.ts');
      return exported
        .filter(({ publicKey }) => publicKey.key.startsWith('ssh:'))
        .map(({ person, publicKey }) => allowedSignersLine(person, publicKey));
    },
    add: async ({ confirm, ...options }) => {
      const trusted = await load(ctx);
      return (await changingKeys()).addKey(ctx, trusted, { ...options, confirm: confirming(trusted, confirm) });
    },
    rotate: async ({ key, passphrase, confirm }) => {
      const trusted = await load(ctx);
      const choice = keyChoice(key ?? 'new');
      return (await changingKeys()).rotateKey(ctx, trusted, {
        choice,
        passphrase,
        confirm: confirming(trusted, confirm),
      });
    },
    retire: async ({ key, confirm }) => {
      const trusted = await load(ctx);
      return (await changingKeys()).retireKey(ctx, trusted, { key, confirm: confirming(trusted, confirm) });
    },
    revoke: async ({ confirm, ...options }) => {
      const trusted = await load(ctx);
      return (await changingKeys()).revokeKey(ctx, trusted, { ...options, confirm: confirming(trusted, confirm) });
    },
  };
}

function confirming(trusted: TrustedPolicy, confirm: ConfirmChanges): ConfirmPolicy | undefined {
  return confirm && (async ({ policy }) => confirm(diffPolicies(trusted.policy, policy)));
}

/** A key as `--key` names it. */
export function keyChoice(key: string | undefined): KeyChoice {
  if (key === undefined || key === 'new' || key === 'gpg' || key === 'ssh') return key && { kind: key };
  return { kind: 'fingerprint', fingerprint: key };
}
