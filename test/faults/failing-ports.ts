import { SnapshotError } from '../../src/core/errors.ts';
import type { GitStore, Ingest } from '../../src/core/ports.ts';
import type {
  AppliedReplacement,
  ArmedReplacement,
  DirectoryLock,
  DirectoryReplacer,
  StagedReplacement,
} from '../../src/core/rollback/port.ts';

/** Counts the calls of ports that write, and has one of them fail: before it did anything, or after it did everything. */
export interface PortFaults {
  /** The calls so far, by name. */
  readonly calls: string[];
  /** Which of them fails, from 0; undefined: none. */
  failing: { readonly index: number; readonly when: 'before' | 'after' } | undefined;
}

/** As adapters throw where a disk fails. */
const failure = (name: string) =>
  new SnapshotError('git', `cannot write '${name}': no space left on the device`, {
    hint: 'Free some disk space, or inodes (see "df -i"), then run the command again.',
  });

type AnyFunction = (...args: never[]) => unknown;

/** A port of which these functions may fail; what they return may be a port with such functions, too. */
function wrap<Port extends object>(
  port: Port,
  faults: PortFaults,
  names: readonly (keyof Port & string)[],
  inner: Partial<Record<keyof Port & string, (result: never) => unknown>> = {},
): Port {
  return new Proxy(port, {
    get: (target, name: keyof Port & string) => {
      const value = target[name];
      if (typeof value !== 'function') return value;
      const call = (value as AnyFunction).bind(target);
      const rewrap = (inner[name] ?? ((result: never) => result)) as (result: unknown) => unknown;
      if (!names.includes(name)) return (...args: never[]) => later(call(...args), rewrap);
      return (...args: never[]) => {
        const index = faults.calls.push(name) - 1;
        const failing = faults.failing?.index === index ? faults.failing.when : undefined;
        if (failing === 'before') throw failure(name);
        return later(call(...args), (result) => {
          if (failing === 'after') throw failure(name);
          return rewrap(result);
        });
      };
    },
  });
}

/** At once for what comes at once: some ports are synchronous. */
function later(result: unknown, then: (result: unknown) => unknown): unknown {
  return result instanceof Promise ? result.then(then) : then(result);
}

/** A store of which every call that writes may fail. */
export function failingStore(store: GitStore, faults: PortFaults): GitStore {
  return wrap(store, faults, ['writeObjects', 'restoreBlobs', 'updateRefs', 'beginIngest'], {
    beginIngest: (ingest: Ingest) => wrap(ingest, faults, ['addFiles', 'addObject', 'finish']),
  });
}

/** A replacer of which every step may fail. */
export function failingReplacer(replacer: DirectoryReplacer, faults: PortFaults): DirectoryReplacer {
  const applied = (one: AppliedReplacement) => wrap(one, faults, ['finish', 'revert']);
  const armed = (one: ArmedReplacement) => wrap(one, faults, ['apply', 'revert'], { apply: applied });
  const staged = (one: StagedReplacement) => wrap(one, faults, ['arm'], { arm: armed });
  const lock = (one: DirectoryLock) =>
    wrap(one, faults, ['stage'], {
      stage: staged,
      pending: (found: ArmedReplacement | undefined) => found && armed(found),
    });
  // Taking the lock does not fail here: a program that was told so would end, and the lock with it.
  return wrap(replacer, faults, [], { lock });
}
