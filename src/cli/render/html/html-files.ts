import type { ByteString } from '../../../core/byte-string.ts';
import { displayBytes } from '../../../core/byte-string.ts';
import { FILE, fileType } from '../../../core/entry.ts';
import type { ChangeSide } from '../../../flows/results.ts';
import type { ChangedFile } from '../changed-file.ts';
import { changeDetail, isTextChange, notShown, STATUS_WORDS } from '../changed-file.ts';
import { formatBytes, plural } from '../quantities.ts';
import { diffTable } from './html-diff.ts';
import { type Html, html } from './html-text.ts';
import { dataUri, type ImageInfo, imageInfo } from './image-info.ts';

/** Beyond this a page is slow to open, and is refused by where it is put. */
const MAX_FILES_BYTES = 8 << 20;
/** More files are only counted. */
const MAX_FILES = 1000;
const MAX_IMAGE_BYTES = 1 << 20;
/** A few bytes can claim to be an image that fills all memory. */
const MAX_PIXELS = 40_000_000;
/** So many files are open when the page is. */
const MAX_OPEN = 20;

/** Every changed file, each to be unfolded; in bounds. */
export function fileSections(files: readonly ChangedFile[]): Html {
  let left = MAX_FILES_BYTES;
  const sections = files.slice(0, MAX_FILES).map((file, i) => {
    const content = left > 0 ? contentOf(file) : html`<p>not shown: the page is full</p>`;
    const size = content.toString().length;
    const shown = size <= left ? content : html`<p>not shown: the page is full</p>`;
    left -= size;
    return fileSection(file, { content: shown, isOpen: i < MAX_OPEN });
  });
  const more = files.length - MAX_FILES;
  return html`${sections}${more > 0 ? html`<p class="more">… ${plural(more, 'more file')}</p>` : undefined}`;
}

function fileSection({ change }: ChangedFile, { content, isOpen }: { content: Html; isOpen: boolean }): Html {
  const { path, status } = change;
  return html`<details class="file"${isOpen ? html` open` : undefined}>
<summary><span class="status ${status}">${STATUS_WORDS[status]}</span> <code class="path">${displayBytes(path)}</code> <span class="sizes">${changeDetail(change)}</span></summary>
<div class="content">${content}</div>
</details>
`;
}

function contentOf(file: ChangedFile): Html {
  const { change, before, after } = file;
  if (change.status === 'P') return html`<p>Only the mode differs.</p>`;
  const images = imagePair(file);
  if (!isTextChange(file)) return images ?? html`<p>${notShown(file) || 'nothing in it'}</p>`;
  // A path that was a link and is a file has two contents, not one that was edited.
  const isOther = change.status === 'T';
  const table = isOther
    ? html`${diffTable(before, undefined)}${diffTable(undefined, after)}`
    : diffTable(change.from && before, change.to && after);
  return html`${images}${table}`;
}

/** Both images side by side; undefined where neither side is one. */
function imagePair({ change: { from, to }, before, after }: ChangedFile): Html | undefined {
  const sides = [imageSide('Before', from, before), imageSide('After', to, after)].filter((side) => side !== undefined);
  if (sides.every(({ info }) => info === undefined)) return undefined;
  return html`<div class="images">${sides.map(({ figure }) => figure)}</div>`;
}

function imageSide(title: string, side: ChangeSide | undefined, content: ByteString | undefined) {
  if (side === undefined) return undefined;
  const info = content === undefined || fileType(side.mode) !== FILE ? undefined : imageInfo(content);
  const dimensions = info?.size === undefined ? '' : `, ${info.size.width} × ${info.size.height}`;
  const caption = `${title}: ${formatBytes(side.size)}${dimensions}`;
  const figure = html`<figure>${imageMarkup(caption, content, info)}<figcaption>${caption}</figcaption></figure>`;
  return { info, figure };
}

function imageMarkup(caption: string, content: ByteString | undefined, info: ImageInfo | undefined): Html {
  if (content === undefined || info === undefined) return html`<p>no image</p>`;
  const pixels = (info.size?.width ?? 0) * (info.size?.height ?? 0);
  if (content.length > MAX_IMAGE_BYTES || pixels > MAX_PIXELS) return html`<p>too large to be shown</p>`;
  return html`<img src="${dataUri(content, info)}" alt="${caption}">`;
}
