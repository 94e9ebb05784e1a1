import { randomBytes } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ByteString } from '../../core/byte-string.ts';
import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { DIRECTORY, fileType } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { ReviewResult } from '../../flows/promotion/review-result.ts';
import type { ChangeSide } from '../../flows/results.ts';
import type { App } from '../app.ts';
import { ANSWER_IS_NO, DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { reviewJson } from '../json/review.ts';
import { parsePromotionName } from '../parse/promotion-name.ts';
import type { Review, ReviewFile } from '../render/review-file.ts';
import { REVIEW } from '../specs/review.ts';

/** Of one file, and of all: what is larger is only said to differ. */
const MAX_FILE_BYTES = 4 << 20;
const MAX_TOTAL_BYTES = 64 << 20;
/** GitHub takes 65536 characters. */
const DEFAULT_MARKDOWN_BYTES = 60_000;
const MIN_MARKDOWN_BYTES = 1000;

const ANY = { environment: undefined, number: undefined };

/** `git snapshot review`. */
export const review = handle(REVIEW, async ({ args, directory, out, app }) => {
  const maxBytes = args.maxBytes ?? DEFAULT_MARKDOWN_BYTES;
  if (maxBytes < MIN_MARKDOWN_BYTES)
    throw new SnapshotError('usage', `a page of ${maxBytes} bytes is too short`, {
      hint: `Give --max-bytes at least ${MIN_MARKDOWN_BYTES}.`,
    });
  const opened = await app();
  const result = await opened.promotion.review({
    set: args.set,
    ...(args.promotion === undefined ? ANY : parsePromotionName(args.promotion)),
    quick: args.quick,
    rerun: args.rerun,
  });
  const page: Review = {
    result,
    files: out.settings.json && args.html === undefined ? [] : await readFiles(opened, result),
  };
  if (args.html !== undefined) {
    const { reviewHtml } = await import('../render/review-html.ts');
    await writePage(resolve(directory, args.html), reviewHtml(page));
  }
  if (out.settings.json) out.json(reviewJson(result));
  else if (args.markdown) {
    const { reviewMarkdown } = await import('../render/review-markdown.ts');
    out.bytes(Buffer.from(reviewMarkdown(page, { maxBytes })));
  } else if (args.html === undefined) {
    const { renderReview } = await import('../render/review.ts');
    out.lines(renderReview(out, page));
  }
  if (args.html !== undefined) out.note(`The page is in '${args.html}'.`);
  return result.isSound ? DONE : ANSWER_IS_NO;
});

/** What changed files hold, as far as it can be shown. */
async function readFiles(app: Pick<App, 'blob'>, { changes = [] }: ReviewResult): Promise<ReviewFile[]> {
  let leftBytes = MAX_TOTAL_BYTES;
  const read = async (side: ChangeSide | undefined): Promise<ByteString | undefined> => {
    if (side === undefined) return undefined;
    if (fileType(side.mode) === DIRECTORY) return '';
    if (side.size > Math.min(MAX_FILE_BYTES, leftBytes)) return undefined;
    leftBytes -= side.size;
    try {
      return await app.blob(side.oid, MAX_FILE_BYTES);
    } catch (error) {
      // Damaged or missing: the checks tell of it, and the page is needed all the more.
      if (error instanceof SnapshotError && ['untrusted', 'not-found'].includes(error.kind)) return undefined;
      throw error;
    }
  };
  const files: ReviewFile[] = [];
  for (const change of changes) {
    const isSame = change.status === 'P';
    const before = isSame ? undefined : await read(change.from);
    files.push({ change, before, after: isSame ? undefined : await read(change.to) });
  }
  return files;
}

/** Puts a page where it belongs, whole or not at all. @throws {SnapshotError} of kind `usage` */
async function writePage(path: string, text: string): Promise<void> {
  try {
    const target = await regularTarget(path);
    if (target === undefined) {
      // A device or a pipe: there is nothing to put another file in place of.
      await writeFile(path, text);
      return;
    }
    const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await writeFile(temporary, text, { flag: 'wx' });
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
    throw new SnapshotError(
      'usage',
      `cannot write '${displayBytes(utf8Encode(path))}': ${FAULTS[error.code] ?? error.code}`,
      {
        cause: error,
        hint: 'Name a file in a directory that is there.',
      },
    );
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  EISDIR: 'it is a directory',
  ENOTDIR: 'its path leads through a file',
  EACCES: 'permission denied',
  ENOSPC: 'no space left',
};

/** The file that a path leads to, through links; the path itself where nothing is; undefined for what is no file. */
async function regularTarget(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return path;
  return found.isFile() || found.isDirectory() ? realpath(path) : undefined;
}
