import { createHash } from 'node:crypto';
import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { KeyId, Signer } from '../../core/signing.ts';
import { encodeSshArmor, type SshSignature, signedBytes } from '../../core/ssh/ssh-signature.ts';
import { demandGood } from './demand-good.ts';
import { type SshAgent, signWithAgent } from './ssh-agent.ts';
import { type SshPublicKey, sshFingerprint } from './ssh-public-key.ts';

/** What ssh-keygen takes for the content, whatever the key. */
const HASH: SshSignature['hash'] = 'sha512';

/** Signs by the ssh-agent, over its socket. */
export class AgentSigner implements Signer {
  readonly key: KeyId;
  readonly #agent: SshAgent;
  readonly #publicKey: SshPublicKey;

  constructor({ agent, publicKey }: { agent: SshAgent; publicKey: SshPublicKey }) {
    this.key = publicKey.key;
    this.#agent = agent;
    this.#publicKey = publicKey;
  }

  /** An agent holds keys that are open; one that wants to be confirmed wants that for each signature. */
  async unlock(): Promise<void> {}

  /** @throws {SnapshotError} of kind `config` if the agent refuses, or signs something else */
  async sign(payload: ByteString): Promise<ByteString> {
    const key = this.#publicKey;
    const data = signedBytes(HASH, createHash(HASH).update(payload, 'latin1').digest());
    const signature = await signWithAgent(this.#agent, { key, data });
    if (signature === undefined) {
      throw new SnapshotError('config', `the ssh-agent does not sign with the key '${sshFingerprint(key.key)}'`, {
        hint: 'It may have been removed, locked, or not confirmed: see "ssh-add -l", and add it with "ssh-add".',
      });
    }
    const armor = encodeSshArmor({ publicKey: key.blob, hash: HASH, signature });
    await demandGood({ payload, armor, publicKey: key, by: 'the ssh-agent' });
    return armor;
  }
}
