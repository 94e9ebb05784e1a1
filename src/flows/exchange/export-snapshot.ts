import type { ByteString } from '../../core/byte-string.ts';
import { fromByteArray } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { MAX_BUNDLE_HEADER_BYTES, parseBundleHeader } from '../../core/exchange/bundle-header.ts';
import type { Bytes, ExportFormat, Exporting } from '../../core/exchange/port.ts';
import type { Ref } from '../../core/ports.ts';
import { LOG_REF, POLICY_REF } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import { openLog } from '../log/open-log.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { chooseSnapshot } from '../snapshot/choose-snapshot.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';
import { checkContent, readContent } from '../verify/check-content.ts';
import { openJudge, requireTrusted } from '../verify/judge-snapshot.ts';
import type { ExportedRefs } from './archive-members.ts';
import { archiveMembers } from './archive-members.ts';
import { relatedRefs } from './related-refs.ts';
import type { ExportResult } from './results.ts';

/** What to export, and where to. */
export interface ExportOptions {
  readonly set: string | undefined;
  /** A selector. */
  readonly snapshot: string;
  readonly format: ExportFormat;
  /** Undefined: named after the snapshot; `-`: standard output. */
  readonly file: string | undefined;
  readonly force: boolean;
}

const MAX_ATTEMPTS = 20;

/**
 * Writes a snapshot to a file, with all that proves it: its policy, the log, promotions and what was said of them. It is
 * verified first, every byte: what cannot be trusted makes no backup.
 *
 * @throws {SnapshotError} `untrusted`; `conflict` where the file exists
 */
export async function exportSnapshot(
  ctx: Context,
  tools: Exporting,
  { set, snapshot, format, file, force }: ExportOptions,
): Promise<ExportResult> {
  const stored = await chooseSnapshot(ctx, { set, snapshot });
  await requireWhole(ctx, stored);
  const name = file ?? `${stored.snapshot.set}-${stored.snapshot.id}.${format}`;
  const output = await tools.openOutput(name === '-' ? undefined : name, { force });
  try {
    const { refs, content } =
      format === 'bundle' ? await bundleOf(ctx, tools, stored) : await archiveOf(ctx, tools, { stored, format });
    const digest = tools.digest();
    for await (const chunk of content) {
      digest.update(chunk);
      await output.write(chunk);
    }
    await output.commit();
    const { sha256, size } = digest.result();
    return {
      set: stored.snapshot.set,
      id: stored.snapshot.id,
      format,
      file: name === '-' ? undefined : name,
      bytes: size,
      digest: `sha256:${sha256}`,
      refs: refs.map(({ name }) => name),
    };
  } finally {
    output.abandon();
  }
}

async function requireWhole(ctx: Context, stored: StoredSnapshot): Promise<void> {
  const judge = await openJudge(ctx, await loadPolicy(ctx));
  const checks = [...(await judge(stored))];
  requireTrusted(stored, checks);
  checkContent(ctx, [{ snapshot: stored, checks }], await readContent(ctx, [stored]));
  requireTrusted(stored, checks);
}

/** The refs that go with a snapshot, as they are now: they belong together. */
async function refsOf(ctx: Context, stored: StoredSnapshot): Promise<ExportedRefs> {
  const trusted = await loadPolicy(ctx);
  const { tip, events } = await openLog(ctx, trusted);
  if (tip === null) throw new Error('a snapshot was verified without a log');
  const related: Ref[] = [];
  for (const ref of relatedRefs(events, stored.tag)) {
    if ((await ctx.store.readRef(ref.name)) === ref.oid) related.push(ref);
    else ctx.note(`warning: '${ref.name}' is not what the log says, and is left out`);
  }
  return [
    { name: stored.ref, oid: stored.tag },
    { name: POLICY_REF, oid: trusted.commit },
    { name: LOG_REF, oid: tip },
    ...related,
  ];
}

interface Content {
  readonly refs: readonly Ref[];
  readonly content: Bytes;
}

/** Git reads the refs itself, so nothing is written before its list of them was compared with ours. */
async function bundleOf(ctx: Context, tools: Exporting, stored: StoredSnapshot): Promise<Content> {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
    const refs = await refsOf(ctx, stored);
    const chunks = tools.bundle(refs.map(({ name }) => name))[Symbol.asyncIterator]();
    const { start, header } = await readHeader(chunks);
    const found = new Map(parseBundleHeader(header, 'the bundle').refs.map(({ name, oid }) => [name, oid]));
    if (found.size === refs.length && refs.every(({ name, oid }) => found.get(name) === oid))
      return { refs, content: continued(start, chunks) };
    await chunks.return?.();
  }
  throw new SnapshotError('conflict', 'the audit log does not stop moving', { hint: 'Run the command again.' });
}

type Chunks = AsyncIterator<Uint8Array>;

async function readHeader(chunks: Chunks): Promise<{ start: Uint8Array[]; header: ByteString }> {
  const start: Uint8Array[] = [];
  for (let text = ''; text.length < MAX_BUNDLE_HEADER_BYTES; ) {
    const next = await chunks.next();
    if (next.done) break;
    start.push(next.value);
    text += fromByteArray(next.value);
    const end = text.indexOf('\n\n');
    if (end >= 0) return { start, header: text.slice(0, end) };
  }
  throw new Error('git made a bundle without a header');
}

async function* continued(start: readonly Uint8Array[], chunks: Chunks): AsyncGenerator<Uint8Array, void, undefined> {
  yield* start;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}

async function archiveOf(
  ctx: Context,
  tools: Exporting,
  { stored, format }: { stored: StoredSnapshot; format: 'tar' | 'zip' },
): Promise<Content> {
  const refs = await refsOf(ctx, stored);
  return { refs, content: tools.archive(format, archiveMembers(ctx, tools, { stored, refs })) };
}
