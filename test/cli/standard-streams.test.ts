import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StandardStream } from '../../src/cli/terminal/standard-streams.ts';
import { tempDir } from '../support/temp-repo.ts';

/** A stream over a descriptor, and what came to node's stream of it and to the watcher instead. */
function over(descriptor: number | undefined) {
  const written: Uint8Array[] = [];
  const errors: (string | undefined)[] = [];
  const node = {
    isTTY: true,
    columns: 71,
    write: (chunk: string | Uint8Array) => written.push(Buffer.from(chunk)),
    on: () => node,
  };
  const stream = new StandardStream({
    descriptor,
    stream: () => node as unknown as NodeJS.WriteStream,
    onError: ({ code }) => errors.push(code),
  });
  return { stream, errors, written: () => Buffer.concat(written).toString() };
}

function open(path: string, flags: string | number): number {
  const descriptor = openSync(path, flags);
  onTestFinished(() => closeSync(descriptor));
  return descriptor;
}

function fifo(): string {
  const path = join(tempDir(), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

describe('standard output', () => {
  test('goes to a file with no stream of node, and is no terminal', () => {
    const file = join(tempDir(), 'out');
    const { stream, written } = over(open(file, 'w'));
    stream.write('é\n');
    stream.write(Uint8Array.of(0xff, 0x0a));
    expect(readFileSync(file, 'latin1')).toBe('\u00c3\u00a9\n\u00ff\n');
    expect(stream).toMatchObject({ isTTY: false, columns: undefined });
    expect(written()).toBe('');
  });

  test('to nowhere is no terminal either', () => {
    const { stream, written } = over(open('/dev/null', 'w'));
    stream.write('gone\n');
    expect(stream.isTTY).toBe(false);
    expect(written()).toBe('');
  });

  test('to another device, or with no descriptor, is what node says', () => {
    for (const descriptor of [open('/dev/full', 'w'), undefined]) {
      const { stream, errors, written } = over(descriptor);
      stream.write('shown\n');
      expect(stream).toMatchObject({ isTTY: true, columns: 71 });
      expect(written()).toBe('shown\n');
      expect(errors).toEqual([]);
    }
  });

  test('loses nothing where the other end does not wait and is full', () => {
    const path = fifo();
    const reader = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { stream, errors, written } = over(open(path, constants.O_WRONLY | constants.O_NONBLOCK));
    const text = Array.from({ length: 40_000 }, (_, line) => `line ${line}\n`).join('');
    stream.write(text);
    stream.write('last\n');
    const taken = Buffer.alloc(1 << 20);
    const length = readSync(reader, taken);
    expect(length).toBeGreaterThan(0);
    expect(taken.toString('utf8', 0, length) + written()).toBe(`${text}last\n`);
    expect(errors).toEqual([]);
  });

  test('tells its watcher that the reader has gone', () => {
    const path = fifo();
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { stream, errors } = over(open(path, constants.O_WRONLY | constants.O_NONBLOCK));
    closeSync(reader);
    stream.write('nobody reads\n');
    expect(errors).toEqual(['EPIPE']);
  });
});
