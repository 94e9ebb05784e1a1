import { SnapshotError } from '../../core/errors.ts';

/** Whether to go past gates, for which there must be a reason. @throws {SnapshotError} of kind `usage` */
export function pastGates(args: { readonly pastGates: boolean; readonly message: string | undefined }): boolean {
  if (args.pastGates && args.message === undefined)
    throw new SnapshotError('usage', '--past-gates needs a reason', {
      hint: 'Say with -m why it has to be; the log tells of it.',
    });
  return args.pastGates;
}
