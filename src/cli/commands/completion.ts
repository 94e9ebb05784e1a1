import { SnapshotError } from '../../core/errors.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { COMPLETION } from '../specs/taking.ts';

/** `git snapshot completion`. */
export const completion = handle(COMPLETION, async ({ args, out, app }) => {
  if (args.listSnapshots || args.listSets) {
    const snapshots = await (await app()).list({ set: args.set, limit: undefined, labels: [], sinceSec: undefined });
    out.lines(args.listSets ? [...new Set(snapshots.map(({ set }) => set))] : snapshots.map(({ id }) => id));
    return DONE;
  }
  if (args.listEnvironments) {
    const infos = await (await app()).promotion.environments({ set: args.set });
    out.lines([...new Set(infos.map(({ environment }) => environment))]);
    return DONE;
  }
  switch (args.shell) {
    case 'bash':
      out.line((await import('../completion/bash.ts')).bashScript());
      return DONE;
    case 'zsh':
      out.line((await import('../completion/zsh.ts')).zshScript());
      return DONE;
    case 'fish':
      out.line((await import('../completion/fish.ts')).fishScript());
      return DONE;
    default:
      throw new SnapshotError('usage', 'no shell given', { hint: 'Run "git snapshot completion bash", zsh or fish.' });
  }
});
