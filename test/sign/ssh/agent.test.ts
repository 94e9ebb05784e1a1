import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { wireString, wireUint32 } from '../../../src/core/ssh/wire-format.ts';
import { AgentSigner } from '../../../src/sign/ssh/agent-signer.ts';
import { listAgentKeys, NoAgentError, signWithAgent } from '../../../src/sign/ssh/ssh-agent.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { PAYLOAD } from '../keys.ts';
import { KEY_TYPES, keygenSign, makeKeyPair, startAgent, verify } from './ssh-lab.ts';

const timeoutMs = 20_000;

describe.each(KEY_TYPES)('%s', (_, ...args) => {
  it('signs by the agent, and what ssh-keygen makes with the same key is no different', async () => {
    const dir = tempDir('ssh-');
    const socket = join(dir, 'agent');
    const agent = await startAgent(socket);
    const pair = makeKeyPair(dir, { args });
    agent.add(pair.file);
    const signer = new AgentSigner({ agent: { socket, timeoutMs }, publicKey: pair.publicKey });
    await signer.unlock();
    const armor = await signer.sign(PAYLOAD);
    expect(await verify(armor, [pair.listed])).toMatchObject({ status: 'good', key: signer.key });
    // ECDSA takes a new number for each signature.
    if (pair.publicKey.jwk.kty !== 'EC') expect(keygenSign(pair)).toBe(armor);
  });
});

describe('a real agent', () => {
  it('lists what it holds, and does not sign without', async () => {
    const dir = tempDir('ssh-');
    const socket = join(dir, 'agent');
    const agent = await startAgent(socket);
    expect(await listAgentKeys({ socket, timeoutMs })).toEqual([]);
    const pair = makeKeyPair(dir);
    agent.add(pair.file);
    expect(await listAgentKeys({ socket, timeoutMs })).toEqual([{ blob: pair.publicKey.blob, comment: 'ada@laptop' }]);
    agent.add('-D');
    const signer = new AgentSigner({ agent: { socket, timeoutMs }, publicKey: pair.publicKey });
    await expect(signer.sign(PAYLOAD)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/^the ssh-agent does not sign with the key 'SHA256:/),
      hint: expect.stringContaining('ssh-add'),
    });
  });

  it('is missed by name', async () => {
    const socket = join(tempDir('ssh-'), 'none');
    await expect(listAgentKeys({ socket, timeoutMs })).rejects.toThrow(NoAgentError);
    await expect(listAgentKeys({ socket, timeoutMs })).rejects.toThrow(
      `cannot reach the ssh-agent at '${socket}': no such file or directory`,
    );
  });
});

/** Something that answers each message with those bytes. Undefined: with nothing at all. */
async function fakeAgent(answer: Uint8Array | undefined, { end = false } = {}): Promise<string> {
  const socket = join(tempDir('ssh-'), 'agent');
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', () => {
      // In two pieces, as a stream may be.
      if (answer !== undefined) {
        client.write(answer.subarray(0, 3));
        setTimeout(() => client.write(answer.subarray(3)), 5);
      }
      if (end) client.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve(undefined))));
  return socket;
}

describe('an agent that is not one', () => {
  const list = async (answer: Uint8Array | undefined, options?: { end?: boolean; timeoutMs?: number }) =>
    listAgentKeys({ socket: await fakeAgent(answer, options), timeoutMs: options?.timeoutMs ?? timeoutMs });
  const message = (...parts: Uint8Array[]) => wireString(Buffer.concat(parts));

  it.each<[string, Uint8Array, RegExp]>([
    ['another answer', message(Buffer.from([5])), /makes no sense: it lists no keys/],
    ['an empty answer', message(), /makes no sense/],
    ['more keys than it sends', message(Buffer.from([12]), wireUint32(0xffffffff)), /cut short/],
    [
      'a key that is longer than the answer',
      message(Buffer.from([12]), wireUint32(1), wireUint32(0x7fffffff)),
      /cut short/,
    ],
    ['more than it says', message(Buffer.from([12]), wireUint32(0), Buffer.from('x')), /too many/],
    ['an answer that is too long', wireUint32(0x7fffffff), /too long/],
  ])('sends %s', async (_, answer, reason) => {
    await expect(list(answer)).rejects.toMatchObject({ kind: 'config', message: expect.stringMatching(reason) });
  });

  it('ends the conversation, or says nothing', async () => {
    await expect(list(undefined, { end: true })).rejects.toThrow('ended the conversation');
    await expect(list(undefined, { timeoutMs: 50 })).rejects.toThrow('did not answer within 1 s');
  });

  it('signs something else: that is not used', async () => {
    const { publicKey } = makeKeyPair(tempDir());
    const signature = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64, 1))]);
    const socket = await fakeAgent(message(Buffer.from([14]), wireString(signature)));
    const agent = { socket, timeoutMs };
    expect(await signWithAgent(agent, { key: publicKey, data: Buffer.from('x') })).toEqual(signature);
    await expect(new AgentSigner({ agent, publicKey }).sign(PAYLOAD)).rejects.toThrow(
      'the ssh-agent made a signature that cannot be used: the signature does not match the content',
    );
  });
});
