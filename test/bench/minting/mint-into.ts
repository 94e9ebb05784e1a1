import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { createContext } from '../../../src/cli/wire/context.ts';
import { parseLoggedEvent } from '../../../src/core/audit/logged-event.ts';
import { LOG_REF } from '../../../src/core/refs.ts';
import { actorFor } from '../../../src/flows/log/actor.ts';
import { initialize } from '../../../src/flows/policy/initialize.ts';
import { loadPolicy } from '../../../src/flows/policy/load-policy.ts';
import { openRepository } from '../../../src/git/open-repository.ts';
import { inProcess } from './in-process-signer.ts';
import { mintInBulk } from './mint-in-bulk.ts';
import { PackStream } from './pack-stream.ts';

/** A project to set up. */
export interface MintInto {
  /** An existing, empty repository. */
  readonly directory: string;
  /** How many snapshots. */
  readonly count: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Sets a project up with many snapshots of one small file each, a second apart, the last of now. */
export async function mintInto({ directory, count, env }: MintInto): Promise<void> {
  let atSec = Math.floor(Date.now() / 1000) - count;
  const sink = { write: () => true };
  const io = {
    cwd: directory,
    env,
    stdin: new PassThrough(),
    stdout: sink,
    stderr: sink,
    now: () => atSec * 1000,
  };
  const refuse = () => Promise.reject(new Error('nobody is there to ask'));
  const settings = {
    directory,
    prompt: { available: false, confirm: refuse, passphrase: refuse },
    progress: { phase: () => () => {} },
    note: () => {},
    advise: () => {},
  };
  const ctx = createContext(io, settings, await openRepository({ cwd: directory, env }));
  try {
    await initialize(ctx, { sets: [], key: undefined, passphrase: false });
    const tip = await ctx.store.readRef(LOG_REF);
    if (tip === null) throw new Error('there is no log');
    const actor = await actorFor(ctx, await loadPolicy(ctx));
    const pack = new PackStream();
    const commands = await mintInBulk({
      ctx,
      actor: { ...actor, signer: inProcess(actor.signer) },
      tip,
      first: parseLoggedEvent(await ctx.store.readObject(tip), ctx.store.format).event,
      pack,
      count,
      tick: () => ++atSec,
    });
    await pack.store(directory);
    execFileSync('git', ['update-ref', '--stdin'], { cwd: directory, input: `${commands.join('\n')}\n` });
  } finally {
    await ctx.store.close();
  }
}
