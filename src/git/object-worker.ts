// The entry of a worker thread: does the tasks that it is sent, in order.
import { parentPort, workerData } from 'node:worker_threads';
import { ObjectTaskRunner, type ObjectTaskSettings } from './workers/object-task.ts';
import { type ReplyMessage, type TaskMessage, transferError } from './workers/worker-messages.ts';

const PROGRESS_BYTES = 8 * 1024 * 1024;

const port = parentPort;
if (port === null) throw new Error('object-worker runs as a worker thread only');
const runner = new ObjectTaskRunner(workerData as ObjectTaskSettings);
let last: Promise<void> = Promise.resolve();

const reply = (message: ReplyMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

async function perform({ id, job, task }: TaskMessage): Promise<void> {
  let bytes = 0;
  const onBytes = (more: number) => {
    bytes += more;
    if (bytes < PROGRESS_BYTES) return;
    reply({ id, bytes });
    bytes = 0;
  };
  try {
    const result = await runner.run(task, job, onBytes);
    const transfer = 'entries' in result ? [result.entries.buffer as ArrayBuffer] : [];
    reply({ id, bytes });
    reply({ id, result }, transfer);
  } catch (error) {
    reply({ id, failure: transferError(error) });
  }
}

port.on('message', (message: TaskMessage) => {
  last = last.then(() => perform(message));
});
