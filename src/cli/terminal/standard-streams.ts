import { fstatSync, statSync, writeSync } from 'node:fs';
import type { OutputStream } from './io.ts';

/** A stream that a process prints to. */
interface Standard {
  /** Undefined where there is none but the stream. */
  readonly descriptor: number | undefined;
  /** Node's stream of it, made when it is asked for: that takes 4 to 7 ms. */
  stream(): NodeJS.WriteStream;
  /** Told what goes wrong with it. */
  onError(error: NodeJS.ErrnoException): void;
}

/**
 * Prints to a file, a pipe or nowhere without node's streams, and to a terminal by them. As they do there, it waits until
 * everything is taken.
 */
export class StandardStream implements OutputStream {
  readonly #standard: Standard;
  #stream: NodeJS.WriteStream | undefined;
  /** Where it goes, once that was asked; undefined where node's stream is to be used. */
  #plain: { readonly descriptor: number | undefined } | undefined;

  constructor(standard: Standard) {
    this.#standard = standard;
  }

  get isTTY(): boolean {
    return this.#descriptor() === undefined && this.#node().isTTY === true;
  }

  get columns(): number | undefined {
    return this.#descriptor() === undefined ? this.#node().columns : undefined;
  }

  write(chunk: string | Uint8Array): void {
    const descriptor = this.#descriptor();
    if (descriptor === undefined) this.#node().write(chunk);
    else this.#writeTo(descriptor, typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  }

  #writeTo(descriptor: number, bytes: Uint8Array): void {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (error.code === 'EAGAIN') this.#leaveToNode(bytes.subarray(at));
      else this.#standard.onError(error);
    }
  }

  /** Whoever has the other end made it one that does not wait. Node's stream waits for it. */
  #leaveToNode(bytes: Uint8Array): void {
    this.#plain = { descriptor: undefined };
    this.#node().write(bytes);
  }

  #descriptor(): number | undefined {
    const { descriptor } = this.#standard;
    this.#plain ??= { descriptor: descriptor !== undefined && isPlain(descriptor) ? descriptor : undefined };
    return this.#plain.descriptor;
  }

  #node(): NodeJS.WriteStream {
    if (this.#stream === undefined) {
      this.#stream = this.#standard.stream();
      this.#stream.on('error', (error) => this.#standard.onError(error));
    }
    return this.#stream;
  }
}

/** No terminal, nor what may be one. */
function isPlain(descriptor: number): boolean {
  const stat = fstatSync(descriptor);
  return !stat.isCharacterDevice() || stat.rdev === statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
