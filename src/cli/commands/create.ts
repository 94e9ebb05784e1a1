import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { displayBytes, escapeText, quoteText } from '../../core/byte-string.ts';
import { type ErrorKind, SnapshotError } from '../../core/errors.ts';
import { parseLabel } from '../../core/snapshot/label.ts';
import { systemReason } from '../../core/system-reason.ts';
import type { CreateResult } from '../../flows/results.ts';
import type { PruneOutcome } from '../../flows/retention/apply-prune.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { createJson } from '../json/results.ts';
import { changeSummary } from '../render/changes.ts';
import { kindsText } from '../render/kinds.ts';
import { formatBytes, plural } from '../render/quantities.ts';
import { CREATE } from '../specs/taking.ts';
import { showWhatFailed } from '../tell/show-what-failed.ts';
import type { Output } from '../terminal/output.ts';

/** More is no message: somebody gave the wrong file. */
const MAX_MESSAGE_BYTES = 1 << 20;

/** `git snapshot create`. */
export const create = handle(CREATE, async ({ args, directory, io, out, app }) => {
  const message =
    args.file === undefined
      ? args.message.join('\n\n')
      : await readMessage(args.file, args.file === '-' ? io.stdin : createReadStream(resolve(directory, args.file)));
  const opened = await app();
  const taking = opened.create({
    set: args.set,
    message: message.trim() === '' ? undefined : message,
    labels: args.label.map(parseLabel),
    force: args.force,
    dryRun: args.dryRun,
  });
  const result = await showWhatFailed({ io, out }, taking);
  const { retention } = opened;
  const pruned =
    result.outcome === 'created' ? await retention.pruneAfterCreate({ set: args.set, asked: args.auto }) : undefined;
  if (out.settings.json) out.json(createJson(result, pruned));
  else out.lines(out.settings.quiet ? quietLines(result) : [...resultLines(out, result), ...prunedLines(pruned)]);
  return DONE;
});

async function readMessage(file: string, stream: AsyncIterable<string | Uint8Array>): Promise<string> {
  const fail = (reason: string, kind: ErrorKind, cause?: unknown) =>
    new SnapshotError(kind, `cannot read the message from ${quoteText(file)}: ${reason}`, {
      cause,
      hint: "Name a file with the message after -F, or '-' to read it from standard input.",
    });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytes += piece.length;
      if (bytes > MAX_MESSAGE_BYTES) throw fail('it is larger than 1 MiB', 'usage');
      chunks.push(piece);
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (typeof code !== 'string') throw cause;
    throw fail(systemReason(code), code === 'ENOENT' ? 'not-found' : 'usage', cause);
  }
  return Buffer.concat(chunks).toString();
}

function prunedLines(pruned: PruneOutcome | undefined): string[] {
  if (pruned === undefined || pruned.outcome === 'nothing-to-do') return [];
  const { remove, drop } = pruned.plan;
  return [` pruned: ${plural(remove.length, 'snapshot')} to the trash, ${drop.length} dropped`];
}

function quietLines({ snapshot }: CreateResult): string[] {
  return snapshot === undefined ? [] : [snapshot.id];
}

function resultLines(out: Output, result: CreateResult): string[] {
  const { outcome, snapshot, changes, files, bytes, gates, gatesNotRun } = result;
  const size = `${plural(files, 'file')}, ${formatBytes(bytes)}`;
  if (outcome === 'unchanged') {
    return [snapshot === undefined ? 'nothing changed' : `nothing changed since ${snapshot.id} (${size})`];
  }
  const difference = changes.length === 0 ? [] : [` ${changeSummary(changes)}`];
  const kinds = result.kinds.length === 0 ? [] : [` by kind: ${kindsText(result.kinds)}`];
  if (outcome === 'dry-run') {
    const head = snapshot === undefined ? 'would take a snapshot' : `nothing changed since ${snapshot.id}`;
    const excluded = result.excluded.map(({ path, directory, pattern, source }) => {
      const where = out.tone('dim', `(${escapeText(pattern)} in ${displayBytes(source)})`);
      return `   ${displayBytes(path)}${directory ? '/' : ''}  ${where}`;
    });
    return [
      `${head} (${size})`,
      ...difference,
      ...kinds,
      ...(gatesNotRun.length === 0 ? [] : [` gates, which a dry run leaves out: ${gatesNotRun.join(', ')}`]),
      ...(excluded.length === 0 ? [] : [' left out:', ...excluded]),
    ];
  }
  const name =
    snapshot === undefined
      ? ''
      : `[${out.tone('strong', `${snapshot.set} ${snapshot.id}`)}] ${escapeText(snapshot.message)}`;
  const passed = gates.length === 0 ? [] : [` gates passed: ${gates.map((gate) => gate.name).join(', ')}`];
  return [name, ` ${size}`, ...difference, ...kinds, ...passed];
}
