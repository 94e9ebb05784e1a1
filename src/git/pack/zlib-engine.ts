import { constants } from 'node:zlib';

/**
 * The parts of node's zlib streams that take one call. Node does not document them, though they have been the same since
 * Node 10 and much is built on them: npm reads its packages so. Therefore they are tried before they are used.
 */
interface Engine {
  readonly destroyed: boolean;
  readonly _handle: {
    reset(): void;
    writeSync(...call: [flush: number, ...input: Piece, ...output: Piece]): void;
  };
  /** How much room is left in the output, then how much of the input. */
  readonly _writeState: Uint32Array;
}

type Piece = [bytes: Uint8Array, at: number, length: number];

/**
 * Runs whole streams through one engine, which is made when it is first needed. Not for two threads, nor for two streams at once.
 *
 * @returns what gives how many bytes it has put into `target`; undefined where the input is bad, or did not end in it with a byte free
 */
export function reuseEngine(makeEngine: () => unknown): (data: Uint8Array, target: Uint8Array) => number | undefined {
  let engine: Engine | undefined;
  return (data, target) => {
    // Bad data destroys it.
    if (engine === undefined || engine.destroyed) engine = checkedEngine(makeEngine());
    const { _handle: handle, _writeState: left } = engine;
    left[0] = 0;
    handle.reset();
    handle.writeSync(constants.Z_FINISH, data, 0, data.length, target, 0, target.length);
    const room = left[0] ?? 0;
    return engine.destroyed || room === 0 ? undefined : target.length - room;
  };
}

function checkedEngine(made: unknown): Engine {
  if (isEngine(made)) return made;
  throw new TypeError('the zlib of this node is made of other parts');
}

function isEngine(made: unknown): made is Engine {
  if (typeof made !== 'object' || made === null) return false;
  const { _handle: handle, _writeState: left } = made as Partial<Engine>;
  return left instanceof Uint32Array && typeof handle?.reset === 'function' && typeof handle.writeSync === 'function';
}
