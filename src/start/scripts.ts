import { readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** What a script, a CommonJS module, is given, in this order. */
const WRAPPER = ['(function(exports,require,module,__filename,__dirname){', '\n})'] as const;

type Wrapped = (
  exports: unknown,
  require: (name: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/** Where the compiled code of one build of node belongs: what another version has compiled is of no use to it. */
export const THIS_NODE = `${process.version}-${process.platform}-${process.arch}`;

/**
 * The scripts of a directory as CommonJS modules, each together with the code that V8 made of it when the programs were built,
 * where there is some.
 *
 * Compiled code is a matter of speed alone. None is used that cannot be read, is older than its script, or is not as it was written
 * ({@link sealCode}), nor any that V8 does not take: of another version, run with other flags, of a script of another length.
 */
export class Scripts {
  readonly #directory: string;
  readonly #compiled: string | undefined;
  readonly #loaded = new Map<string, { readonly module: { exports: unknown }; readonly script: Script }>();

  /**
   * @param directory - the scripts
   * @param compiled - what was compiled of them, under the same names; need not be there
   */
  constructor(directory: string, compiled: string) {
    this.#directory = directory;
    this.#compiled = statOf(compiled)?.isDirectory() ? compiled : undefined;
  }

  /** What a script exports. Runs it the first time. */
  load(name: string): unknown {
    const loaded = this.#loaded.get(name);
    if (loaded !== undefined) return loaded.module.exports;
    const filename = join(this.#directory, name);
    const cachedData = this.#compiledOf(name, filename);
    // The build lets no other characters into a script, and so they need no decoding.
    const script = new Script(`${WRAPPER[0]}${readFileSync(filename, 'latin1')}${WRAPPER[1]}`, {
      filename,
      ...(cachedData && { cachedData }),
    });
    const module = { exports: {} };
    this.#loaded.set(name, { module, script });
    const wrapped = script.runInThisContext() as Wrapped;
    wrapped(module.exports, (wanted) => this.#require(wanted), module, filename, this.#directory);
    return module.exports;
  }

  /** What V8 has made of the scripts loaded until now, with all functions that have been called. */
  *compile(): Generator<readonly [name: string, code: Buffer]> {
    for (const [name, { script }] of this.#loaded) yield [name, script.createCachedData()];
  }

  /** Of the scripts loaded until now, those whose compiled code was taken. */
  get taken(): readonly string[] {
    return [...this.#loaded].flatMap(([name, { script }]) => (script.cachedDataRejected === false ? [name] : []));
  }

  #compiledOf(name: string, script: string): Buffer | undefined {
    if (this.#compiled === undefined) return undefined;
    const file = join(this.#compiled, name);
    const at = statOf(file);
    if (at === undefined || !at.isFile() || at.mtimeMs < statSync(script).mtimeMs) return undefined;
    try {
      return openCode(readFileSync(file));
    } catch {
      // Whoever may not read it does without.
      return undefined;
    }
  }

  #require(name: string): unknown {
    if (name.startsWith('./')) return this.load(name.slice(2));
    const builtin = process.getBuiltinModule(name);
    // What packages ask for without need is not bundled with them, and they are prepared for that.
    if (builtin === undefined) {
      throw Object.assign(new Error(`there is no module '${name}' of node`), { code: 'MODULE_NOT_FOUND' });
    }
    return builtin;
  }
}

/** Undefined for whatever cannot be looked at. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const SEAL_BYTES = 4;
// A disk loses blocks, and none is smaller. To look at every byte would take as long as the code saves.
const SAMPLED_BYTES = 256;

/** What is kept of compiled code: V8 does not look whether it is what it was, and ends the process over what it cannot read. */
export function sealCode(code: Buffer): Buffer {
  const seal = Buffer.alloc(SEAL_BYTES);
  seal.writeInt32LE(sample(code));
  return Buffer.concat([code, seal]);
}

/** The code; undefined if it is not what was sealed. */
function openCode(sealed: Buffer): Buffer | undefined {
  const end = sealed.length - SEAL_BYTES;
  if (end < SEAL_BYTES) return undefined;
  const code = sealed.subarray(0, end);
  return sample(code) === sealed.readInt32LE(end) ? code : undefined;
}

function sample(code: Buffer): number {
  const last = code.length - SEAL_BYTES;
  let sum = code.length;
  for (let at = 0; at < last; at += SAMPLED_BYTES) sum = (Math.imul(sum, 31) + code.readInt32LE(at)) | 0;
  return (Math.imul(sum, 31) + (last < 0 ? 0 : code.readInt32LE(last))) | 0;
}
