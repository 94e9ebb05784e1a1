import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { shortText } from '../findings.ts';
import { SchemaThread } from './schema-thread.ts';

/** Far above what it takes to compile any schema that people write. */
const TIMEOUT_MS = 30_000;

/** Why a schema cannot be used, found out as a gate would; undefined where it can be. */
export async function schemaFault(schema: ByteString, workerFile: string | URL): Promise<string | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const thread = new SchemaThread({ file: workerFile, schema, signal });
  try {
    // A schema is compiled for the first document, whatever that is.
    const { error } = await thread.check('null');
    return error === undefined ? undefined : shortText(error);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return shortText(signal.aborted ? `it takes more than ${TIMEOUT_MS / 1000} s to read` : error.message);
  } finally {
    await thread.close();
  }
}
