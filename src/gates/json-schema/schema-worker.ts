// The entry of the worker thread of a json-schema gate. Its heap is limited, and it can be ended whatever it is doing:
// an expression in a schema may backtrack for ever.
import { parentPort, workerData } from 'node:worker_threads';
import { checkDocument, compileSchema } from './check-document.ts';
import type { DocumentMessage, SchemaMessage, SchemaReply } from './worker-messages.ts';

const port = parentPort;
if (port === null) throw new Error('schema-worker runs as a worker thread only');

const { schema } = workerData as SchemaMessage;
let validate: ReturnType<typeof compileSchema> | undefined;

port.on('message', ({ bytes }: DocumentMessage) => {
  port.postMessage(reply(bytes));
});

function reply(bytes: string): SchemaReply {
  try {
    validate ??= compileSchema(schema);
    return checkDocument(validate, bytes);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
