import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ByteString, displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { KeyId, Signer } from '../../core/signing.ts';
import { codeOf } from '../private-file.ts';
import { AgentSigner } from './agent-signer.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import type { SshPublicKey } from './ssh-public-key.ts';

/** What a {@link PassphraseSigner} signs with. */
export interface PassphraseSignerOptions {
  readonly publicKey: SshPublicKey;
  /** The file of the private key. */
  readonly keyFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

/**
 * Signs with a private key file that has a passphrase, where the user's agent does not hold the key. `ssh-add` asks for
 * the passphrase, once, and gives the key to an agent of this process's own, which ends with it.
 */
export class PassphraseSigner implements Signer {
  readonly key: KeyId;
  readonly #options: PassphraseSignerOptions;
  #opening: Promise<Signer> | undefined;

  constructor(options: PassphraseSignerOptions) {
    this.key = options.publicKey.key;
    this.#options = options;
  }

  /** @throws {SnapshotError} of kind `config` if the key cannot be opened */
  async unlock(): Promise<void> {
    await this.#open();
  }

  async sign(payload: ByteString): Promise<ByteString> {
    return (await this.#open()).sign(payload);
  }

  async #open(): Promise<Signer> {
    // Two signatures at once must not ask twice; after a failure one may try again.
    this.#opening ??= openKey(this.#options).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }
}

async function openKey({ publicKey, keyFile, env, timeoutMs }: PassphraseSignerOptions): Promise<Signer> {
  const { socket, stop } = await startAgent(env);
  try {
    const ownEnv = { ...env, SSH_AUTH_SOCK: socket };
    const result = await runProgram({ program: 'ssh-add', env: ownEnv, timeoutMs }, ['-q', '--', keyFile]);
    if (result.exitCode !== 0) throw openError(keyFile, result);
  } catch (error) {
    stop();
    throw error;
  }
  return new AgentSigner({ agent: { socket, timeoutMs }, publicKey });
}

/**
 * Starts an agent that is stopped when this process ends. Where it is killed, so that it cannot stop anything, the agent's
 * child reads the end of our pipe, and the agent ends within seconds of its child.
 */
async function startAgent(env: NodeJS.ProcessEnv): Promise<{ socket: string; stop: () => void }> {
  const directory = await mkdtemp(join(tmpdir(), 'git-snapshot-'));
  const socket = join(directory, 'agent');
  const child = spawn('ssh-agent', ['-a', socket, 'sh', '-c', 'echo "$SSH_AGENT_PID"; exec cat'], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let pid: number | undefined;
  const stop = () => {
    process.removeListener('exit', stop);
    child.stdin.destroy();
    child.stdout.destroy();
    if (pid !== undefined) endProcess(pid);
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', stop);
  try {
    pid = await new Promise<number>((resolve, reject) => {
      // What the agent's child says is said after the agent listens.
      child.stdout.once('data', (line: Buffer) => resolve(Number.parseInt(line.toString('latin1'), 10)));
      child.once('error', (cause) => reject(agentError(cause)));
      child.once('close', () => reject(agentError(undefined)));
    });
  } catch (error) {
    stop();
    throw error;
  }
  // This process need not wait for it.
  child.unref();
  for (const stream of [child.stdin, child.stdout]) if (stream instanceof Socket) stream.unref();
  return { socket, stop };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function openError(keyFile: string, { stderr, lastWords }: ProgramResult): SnapshotError {
  const shown = displayBytes(utf8Encode(keyFile.toWellFormed()));
  if (/UNPROTECTED PRIVATE KEY|bad permissions/.test(stderr)) {
    return new SnapshotError('config', `others can read the private key '${shown}'`, {
      hint: `Run "chmod 600 '${shown}'", and think about who may have used it.`,
    });
  }
  const reason = process.stdin.isTTY
    ? `cannot open the private key '${shown}': ${lastWords}`
    : `the private key '${shown}' has a passphrase, and no terminal to ask for it`;
  return new SnapshotError('config', reason, {
    hint: `Give it to your agent: run "ssh-add '${shown}'" in a terminal.`,
  });
}

function agentError(cause: unknown): SnapshotError {
  return new SnapshotError('config', "cannot run 'ssh-agent', which would hold the key", {
    hint: 'Install OpenSSH, or start an agent of your own and give it the key.',
    cause,
  });
}
