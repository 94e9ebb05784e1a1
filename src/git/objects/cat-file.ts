import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { MalformedError, MissingObjectError, SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { describeStderr, gitFailure, spawnGit, startError } from '../run-git.ts';
import { catFileParser, type ObjectSink } from './cat-file-parser.ts';
import { Queue } from './queue.ts';

/** Takes the content of one object as it comes. What it throws is what reading that object fails with. */
export interface ObjectReceiver {
  begin(type: string, size: number): void;
  data(chunk: Buffer): void;
  end(): void;
}

interface Request {
  readonly oid: Oid;
  readonly receiver: ObjectReceiver;
  readonly done: (error?: unknown) => void;
  /** What the receiver threw: the rest of the answer is skipped, not received. */
  failure?: unknown;
  failed?: boolean;
}

/** A way to ask git for objects. */
interface Dialect {
  readonly args: readonly string[];
  question(oids: readonly Oid[]): string;
}

/** Git writes its answers in large pieces, when all of a question are there: thousands of small objects cost half as much. */
const BUFFERED: Dialect = {
  args: ['cat-file', '--batch-command', '--buffer'],
  question: (oids) => `${oids.map((oid) => `contents ${oid}\n`).join('')}flush\n`,
};

/** What every git understands. */
const PLAIN: Dialect = {
  args: ['cat-file', '--batch'],
  question: (oids) => oids.map((oid) => `${oid}\n`).join(''),
};

/** What git ends with for an option that it does not know. */
const USAGE = 129;

/**
 * One long-lived `git cat-file`, started when first needed. Answers come in the order of the
 * requests, so any number of requests may be under way. A git that dies of a corrupt object fails that
 * request alone: the others are asked again of a new process.
 */
export class CatFile {
  readonly #repository: Repository;
  #child: ChildProcessWithoutNullStreams | undefined;
  readonly #queue = new Queue<Request>();
  #dialect = BUFFERED;
  #isClosed = false;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * Streams objects, each into the receiver of its place.
   *
   * @returns for each, in order, undefined or what it failed with: {@link MissingObjectError},
   * {@link MalformedError}, or what its receiver threw
   */
  read(
    requests: readonly { oid: Oid; receiver: ObjectReceiver }[],
    onAnswer: () => void = () => {},
  ): Promise<unknown[]> {
    if (requests.length === 0) return Promise.resolve([]);
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise((resolve) => {
      const failures: unknown[] = new Array(requests.length).fill(undefined);
      let open = requests.length;
      const queued = requests.map(({ oid, receiver }, i): Request => {
        const done = (error?: unknown) => {
          failures[i] = error;
          onAnswer();
          if (--open === 0) resolve(failures);
        };
        return { oid, receiver, done };
      });
      this.#ask(queued);
    });
  }

  /** Ends the process, and starts none again. What was still being read fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    if (child === undefined) return;
    keepsAlive(child, true);
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    if (this.#queue.front() !== undefined) child.kill();
    await closed;
  }

  #ask(requests: readonly Request[]): void {
    const child = this.#child ?? this.#start();
    keepsAlive(child, true);
    this.#queue.add(requests);
    child.stdin.write(this.#dialect.question(requests.map(({ oid }) => oid)));
  }

  #start(): ChildProcessWithoutNullStreams {
    const { args } = this.#dialect;
    const child = spawnGit(this.#repository.place, args);
    const stderr: Buffer[] = [];
    let failure: unknown;
    const parse = catFileParser(() => this.#sink(this.#queue.front()));
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        parse(chunk);
      } catch (error) {
        failure = error;
        child.kill();
      }
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // Its exit, which follows, tells more.
    child.stdin.on('error', () => {});
    child.on('error', (error) => {
      failure = startError(error, this.#repository.place);
    });
    child.on('close', (code, signal) => {
      if (this.#child === child) this.#child = undefined;
      const said = Buffer.concat(stderr);
      if (code === USAGE && this.#dialect === BUFFERED) {
        // Older than 2.36.
        this.#dialect = PLAIN;
        const asked = this.#queue.drain();
        if (asked.length > 0) this.#ask(asked);
        return;
      }
      // With an exit code of its own, git gave up on one object. Anything else is no object's fault.
      if (code === null || code === 0) failure ??= gitFailure(args, signal ?? code ?? 'unknown', said);
      this.#died(this.#queue.drain(), failure, said);
    });
    this.#child = child;
    return child;
  }

  #died(left: readonly Request[], failure: unknown, stderr: Buffer): void {
    const [culprit, ...innocent] = left;
    if (culprit === undefined) return;
    if (failure !== undefined) {
      for (const request of left) request.done(failure);
      return;
    }
    culprit.done(new MalformedError(`object ${culprit.oid}`, `git cannot read it: ${describeStderr(stderr)}`));
    if (innocent.length > 0) this.#ask(innocent);
  }

  #sink(request: Request | undefined): ObjectSink {
    if (request === undefined) throw new Error('git cat-file answered what nobody asked');
    const receive = (step: () => void) => {
      if (request.failed) return;
      try {
        step();
      } catch (error) {
        request.failed = true;
        request.failure = error;
      }
    };
    return {
      begin: (type, size) => receive(() => request.receiver.begin(type, size)),
      data: (chunk) => receive(() => request.receiver.data(chunk)),
      end: () => {
        receive(() => request.receiver.end());
        this.#answered();
        request.done(request.failure);
      },
      missing: () => {
        this.#answered();
        request.done(this.#missing(request.oid));
      },
    };
  }

  #answered(): void {
    this.#queue.take();
    // A program that forgets to close us can end all the same, and this git with it.
    if (this.#queue.front() === undefined && this.#child !== undefined) keepsAlive(this.#child, false);
  }

  // Git calls a loose object "missing" too when it cannot read its header.
  #missing(oid: Oid): SnapshotError {
    const file = `${this.#repository.objectDirectory}/${oid.slice(0, 2)}/${oid.slice(2)}`;
    if (existsSync(fsPath(file))) return new MalformedError(`object ${oid}`, 'git cannot read it');
    return new MissingObjectError(oid);
  }
}

/** Whether our process waits for that one before it ends. */
function keepsAlive(child: ChildProcessWithoutNullStreams, on: boolean): void {
  for (const held of [child, child.stdin, child.stdout, child.stderr] as readonly Partial<Held>[]) {
    if (on) held.ref?.();
    else held.unref?.();
  }
}

/** What can keep a process alive. The streams of a child are sockets, which their types do not say. */
interface Held {
  ref(): unknown;
  unref(): unknown;
}

function closedError(): SnapshotError {
  return new SnapshotError('usage', 'this repository was closed', { hint: 'Open it again.' });
}
