import type { AppliedReplacement, ArmedReplacement, DirectoryReplacer } from '../../core/rollback/port.ts';
import type { ReplacementState } from '../app/app.ts';

/** A replacer that tells when its journal is there, and when that is gone again. */
export function watchedReplacer(
  replacer: DirectoryReplacer,
  tell: ((state: ReplacementState) => void) | undefined,
): DirectoryReplacer {
  if (tell === undefined) return replacer;
  const ended = <R>(result: R): R => {
    tell('ended');
    return result;
  };
  const applied = (one: AppliedReplacement): AppliedReplacement => ({
    ...one,
    finish: () => ended(one.finish()),
    revert: async (progress) => ended(await one.revert(progress)),
  });
  const armed = (one: ArmedReplacement): ArmedReplacement => {
    tell('begun');
    return {
      ...one,
      apply: async (progress) => applied(await one.apply(progress)),
      revert: async (progress) => ended(await one.revert(progress)),
    };
  };
  return {
    ...replacer,
    lock: () => {
      const lock = replacer.lock();
      return {
        ...lock,
        pending: () => {
          const pending = lock.pending();
          return pending && armed(pending);
        },
        stage: (request) => {
          const staged = lock.stage(request);
          return { ...staged, arm: (header) => armed(staged.arm(header)) };
        },
      };
    },
  };
}
