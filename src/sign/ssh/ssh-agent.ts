import { connect } from 'node:net';
import { type ByteString, fromByteArray } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import { WireReader, wireString, wireUint32 } from '../../core/ssh/wire-format.ts';
import { systemReason } from '../../core/system-reason.ts';
import type { SshPublicKey } from './ssh-public-key.ts';

/** A running ssh-agent. */
export interface SshAgent {
  /** Path of its socket: SSH_AUTH_SOCK. */
  readonly socket: string;
  /** How long it may take, with all the time a person needs to confirm or to touch something. */
  readonly timeoutMs: number;
}

/** A key that an agent holds, of whatever type. */
export interface AgentKey {
  readonly blob: Uint8Array;
  readonly comment: ByteString;
}

// Numbers of messages (the SSH agent protocol, RFC draft-ietf-sshm-ssh-agent).
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

/** RSA keys would sign with SHA-1 otherwise. */
const RSA_SHA2_512 = 4;

/** OpenSSH's own limit. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** No ssh-agent listens where one should. */
export class NoAgentError extends SnapshotError {}

/**
 * The keys that the agent holds.
 *
 * @throws {NoAgentError} if nothing listens there
 * @throws {SnapshotError} of kind `config` if the agent does not answer, or not in its protocol
 */
export async function listAgentKeys(agent: SshAgent): Promise<AgentKey[]> {
  const answer = await ask(agent, Buffer.from([REQUEST_IDENTITIES]));
  return readAnswer(agent, () => {
    const reader = new WireReader(answer, 'the answer');
    if (reader.uint8() !== IDENTITIES_ANSWER) throw new FormatFault('it lists no keys');
    // Not made in one go: the count is the agent's, and may be anything.
    const keys: AgentKey[] = [];
    for (let left = reader.uint32(); left > 0; left--) {
      keys.push({ blob: reader.string(), comment: fromByteArray(reader.string()) });
    }
    reader.end();
    return keys;
  });
}

/**
 * Has the agent sign `data`.
 *
 * @returns the signature as the key's type has it; undefined if the agent refuses, or lacks the key
 */
export async function signWithAgent(
  agent: SshAgent,
  { key, data }: { key: SshPublicKey; data: Uint8Array },
): Promise<Uint8Array | undefined> {
  const flags = wireUint32(key.jwk.kty === 'RSA' ? RSA_SHA2_512 : 0);
  const answer = await ask(
    agent,
    Buffer.concat([Buffer.from([SIGN_REQUEST]), wireString(key.blob), wireString(data), flags]),
  );
  return readAnswer(agent, () => {
    const reader = new WireReader(answer, 'the answer');
    if (reader.uint8() !== SIGN_RESPONSE) return undefined;
    const signature = reader.string();
    reader.end();
    return signature;
  });
}

/** Sends one message, and gives the body of the one that comes back. */
function ask(agent: SshAgent, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: agent.socket });
    const timer = setTimeout(
      () => settle(() => reject(agentError(agent, `did not answer within ${Math.ceil(agent.timeoutMs / 1000)} s`))),
      agent.timeoutMs,
    );
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      outcome();
    };
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const length = received.length < 4 ? 0 : received.readUInt32BE();
      if (length > MAX_ANSWER_BYTES) settle(() => reject(agentError(agent, 'sent too long an answer')));
      else if (received.length >= 4 && received.length >= 4 + length) settle(() => resolve(received.subarray(4)));
    });
    socket.once('end', () => settle(() => reject(agentError(agent, 'ended the conversation'))));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(() => reject(connectError(agent, error))));
    socket.write(wireString(message));
  });
}

function readAnswer<T>(agent: SshAgent, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatFault) throw agentError(agent, `sent an answer that makes no sense: ${error.message}`);
    throw error;
  }
}

function agentError({ socket }: SshAgent, what: string): SnapshotError {
  return new SnapshotError('config', `the ssh-agent at '${socket}' ${what}`, {
    hint: 'See whether it asks for something in another window; "ssh-add -l" shows if it works.',
  });
}

function connectError({ socket }: SshAgent, error: NodeJS.ErrnoException): SnapshotError {
  return new NoAgentError(
    'config',
    `cannot reach the ssh-agent at '${socket}': ${systemReason(error.code ?? error.message)}`,
    {
      hint: 'Start one with "eval $(ssh-agent)", and give it your key with "ssh-add".',
      cause: error,
    },
  );
}
