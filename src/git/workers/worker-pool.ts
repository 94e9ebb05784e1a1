import { Worker } from 'node:worker_threads';
import { type ObjectTask, type ObjectTaskResults, ObjectTaskRunner, type ObjectTaskSettings } from './object-task.ts';
import { type ReplyMessage, receiveError, type TaskMessage } from './worker-messages.ts';

export interface WorkerPoolOptions extends ObjectTaskSettings {
  /** The built worker script. */
  readonly workerFile: string | URL;
  /** How many threads may be started; with 0 the tasks are done in the calling thread. */
  readonly threads: number;
}

/** How the tasks of one operation are done. */
export interface JobOptions<Kind extends ObjectTask['kind']> {
  /** Start threads for it: worth it only where there is work for longer than their start takes. */
  readonly parallel: boolean;
  /** Told of bytes as they are done. */
  readonly onBytes?: (bytes: number) => void;
  /** Told of each result as it comes, in any order, before the next tasks are given out. */
  readonly onResult?: (result: ObjectTaskResults[Kind], i: number) => void;
  /** With false, results are told to `onResult` only, and not held. Default: true. */
  readonly keepResults?: boolean;
}

interface Pending {
  readonly worker: Worker;
  readonly onBytes: (bytes: number) => void;
  readonly resolve: (result: ObjectTaskResults[ObjectTask['kind']]) => void;
  readonly reject: (error: unknown) => void;
}

// Per thread: one task at work, one that waits for it. With few tasks, a waiting one might find another thread idle.
const TASKS_AHEAD = 2;
const FEW_TASKS = 4;

// What a task makes is soon of no use: more room for it would be used up all the same, in every thread.
const YOUNG_GENERATION_MB = 8;

/** Worker threads for object tasks, started when first needed. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #own: ObjectTaskRunner;
  readonly #workers: Worker[] = [];
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #lastJob = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#own = new ObjectTaskRunner(options);
  }

  /** How many tasks can be under way side by side. */
  get width(): number {
    return Math.max(1, this.#options.threads);
  }

  /** Starts the threads ahead of the first tasks, which take a while to make. */
  warm(): void {
    for (let i = 0; i < this.#options.threads; i++) this.#worker(i);
  }

  /**
   * Does all tasks, each made when its turn comes, and gives their results in order. After a failure no more tasks are begun;
   * it throws the first failure when those that were under way have ended.
   */
  async run<Kind extends ObjectTask['kind']>(
    tasks: readonly (() => Extract<ObjectTask, { kind: Kind }>)[],
    { parallel, onBytes = () => {}, onResult, keepResults = true }: JobOptions<Kind>,
  ): Promise<ObjectTaskResults[Kind][]> {
    const job = ++this.#lastJob;
    const lanes = parallel && this.#options.threads > 0 ? Math.min(this.#options.threads, tasks.length) : 0;
    const results: ObjectTaskResults[Kind][] = [];
    const failures: unknown[] = [];
    let next = 0;

    const lane = async (perform: (task: ObjectTask) => Promise<ObjectTaskResults[ObjectTask['kind']]>) => {
      while (next < tasks.length && failures.length === 0) {
        const i = next++;
        const makeTask = tasks[i];
        if (makeTask === undefined) break;
        try {
          const result = (await perform(makeTask())) as ObjectTaskResults[Kind];
          if (keepResults) results[i] = result;
          onResult?.(result, i);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    if (lanes === 0) {
      await lane(async (task) => {
        // Lets signals and timers in between tasks.
        await new Promise((resolve) => setImmediate(resolve));
        return this.#own.run(task, job, onBytes);
      });
    } else {
      const workers = Array.from({ length: lanes }, (_, i) => this.#worker(i));
      const ahead = tasks.length > lanes * FEW_TASKS ? TASKS_AHEAD : 1;
      await Promise.all(
        Array.from({ length: ahead }, () => workers).flatMap((round) =>
          round.map((worker) => lane((task) => this.#send(worker, { job, task }, onBytes))),
        ),
      );
    }
    if (failures.length > 0) throw failures[0];
    return results;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    this.#own.close();
    const workers = this.#workers.splice(0);
    // The process is to wait for the end of these.
    for (const worker of workers) worker.ref();
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #send(worker: Worker, message: Omit<TaskMessage, 'id'>, onBytes: (bytes: number) => void) {
    const id = ++this.#lastId;
    return new Promise<ObjectTaskResults[ObjectTask['kind']]>((resolve, reject) => {
      this.#pending.set(id, { worker, onBytes, resolve, reject });
      worker.ref();
      const memory = 'memory' in message.task ? message.task.memory : undefined;
      worker.postMessage({ id, ...message } satisfies TaskMessage, memory === undefined ? [] : [memory]);
    });
  }

  #worker(i: number): Worker {
    const running = this.#workers[i];
    if (running !== undefined) return running;
    const { objectDirectory, format, workerFile } = this.#options;
    const settings: ObjectTaskSettings = { objectDirectory, format };
    const worker = new Worker(workerFile, {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on('message', (reply: ReplyMessage) => this.#receive(reply));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', (code) => this.#lost(worker, new Error(`a worker thread ended with code ${code}`)));
    // Warm, but with nothing to do yet.
    worker.unref();
    this.#workers[i] = worker;
    return worker;
  }

  #receive(reply: ReplyMessage): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    if ('bytes' in reply) {
      try {
        if (reply.bytes > 0) pending.onBytes(reply.bytes);
      } catch (error) {
        // Of whoever is told: it ends the job, and not the process.
        this.#settled(reply.id, pending);
        pending.reject(error);
      }
      return;
    }
    this.#settled(reply.id, pending);
    if ('result' in reply) pending.resolve(reply.result);
    else pending.reject(receiveError(reply.failure));
  }

  /** A thread with nothing to do does not keep the process alive. */
  #settled(id: number, { worker }: Pending): void {
    this.#pending.delete(id);
    if (![...this.#pending.values()].some((one) => one.worker === worker)) worker.unref();
  }

  #lost(worker: Worker, error: Error): void {
    const at = this.#workers.indexOf(worker);
    if (at !== -1) this.#workers.splice(at, 1);
    for (const [id, pending] of this.#pending) {
      if (pending.worker !== worker) continue;
      this.#pending.delete(id);
      pending.reject(error);
    }
  }
}
