import { Worker } from 'node:worker_threads';
import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { DocumentMessage, SchemaMessage, SchemaReply } from './worker-messages.ts';

// Room for a document of the largest size, which takes some ten times its length when it has many small values.
const HEAP_MB = 1024;

interface SchemaThreadOptions {
  /** The built worker script. */
  readonly file: string | URL;
  readonly schema: ByteString;
  /** Set off to end the thread. */
  readonly signal: AbortSignal;
  /** What it may use of memory. */
  readonly heapMb?: number;
}

/** A thread that checks documents against one schema, one after another. */
export class SchemaThread {
  readonly #worker: Worker;
  readonly #ended: Promise<never>;
  readonly #signal: AbortSignal;

  constructor({ file, schema, signal, heapMb = HEAP_MB }: SchemaThreadOptions) {
    this.#signal = signal;
    this.#worker = new Worker(file, {
      workerData: { schema } satisfies SchemaMessage,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    this.#ended = new Promise((_, reject) => {
      this.#worker.once('error', (cause) => {
        reject(new SnapshotError('gate', `the check of the schema broke off: ${cause.message}`, { cause }));
      });
      this.#worker.once('exit', (code) => {
        reject(new SnapshotError('gate', `the check of the schema ended with code ${code}`));
      });
    });
    // It ends when nobody waits for it, too.
    this.#ended.catch(() => {});
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Checks a document. Not to be called again before it has come back. @throws {SnapshotError} if the thread ends */
  async check(bytes: ByteString): Promise<SchemaReply> {
    const reply = new Promise<SchemaReply>((resolve) => {
      this.#worker.once('message', (message: SchemaReply) => resolve(message));
    });
    this.#worker.postMessage({ bytes } satisfies DocumentMessage);
    return Promise.race([reply, this.#ended]);
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#onAbort);
    await this.#worker.terminate();
  }

  readonly #onAbort = (): void => {
    void this.#worker.terminate();
  };
}
