import { displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { count, Findings } from '../findings.ts';
import type { GateAnswer, GateRun } from '../gate-run.ts';
import { digestsOf, MAX_JSON_BYTES, pickJsonFiles } from '../json/json-files.ts';
import { SchemaThread } from './schema-thread.ts';

/** Whether files are strict JSON and follow a schema of the policy. */
export async function runSchemaGate(run: GateRun<'json-schema'>): Promise<GateAnswer> {
  const { gate, subject, schemas, services, signal, checkTime } = run;
  const schema = schemas.get(gate.schema);
  if (schema === undefined) throw new SnapshotError('gate', `the policy has no schema '${gate.schema}'`);
  const findings = new Findings();
  const files = pickJsonFiles(subject, gate.files, findings);
  const inputs = { schema: services.sha256(schema), files: digestsOf(files) };
  const answer: GateAnswer = { findings, looked: count(files.length, 'file'), inputs };
  if (files.length === 0) return answer;

  const thread = new SchemaThread({ file: services.schemaWorkerFile, schema, signal });
  try {
    for (const { path } of files) {
      checkTime();
      const reply = await thread.check(await subject.read(path, MAX_JSON_BYTES));
      if (reply.error !== undefined)
        return { ...answer, error: `schema '${gate.schema}', at '${displayBytes(path)}': ${reply.error}` };
      for (const { pointer, message } of reply.violations) findings.add(message, { path, pointer });
      findings.addUnlisted(reply.total - reply.violations.length);
    }
  } finally {
    await thread.close();
  }
  return answer;
}
