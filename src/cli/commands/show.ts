import { displayBytes, escapeText } from '../../core/byte-string.ts';
import type { ShowResult } from '../../flows/results.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { snapshotJson } from '../json/snapshot.ts';
import { kindsText } from '../render/kinds.ts';
import { formatBytes, formatCount, plural } from '../render/quantities.ts';
import { renderPairs } from '../render/table.ts';
import { formatAge, formatTime } from '../render/times.ts';
import { SHOW } from '../specs/reading.ts';

/** `git snapshot show`. */
export const show = handle(SHOW, async ({ args, io, out, app }) => {
  const info = await (await app()).show({ set: args.set, snapshot: args.snapshot ?? 'current' });
  if (out.settings.json) {
    out.json({ ...snapshotJson(info), kinds: info.kinds ?? null, changes: info.changes ?? null });
    return DONE;
  }
  out.line(out.tone('changed', `snapshot ${info.set}/${info.id}`));
  out.lines(renderPairs(out, pairs(info, io.now())));
  const body = info.body?.replace(/\n+$/, '').split('\n') ?? [];
  out.lines([
    '',
    `    ${escapeText(info.message)}`,
    ...(body.length > 0 ? ['', ...body.map((line) => `    ${escapeText(line)}`.trimEnd())] : []),
  ]);
  out.note(`Not verified: this is what the tag says. To check it: git snapshot verify ${info.id}`);
  return DONE;
});

function pairs(info: ShowResult, nowMs: number): (readonly [string, string])[] {
  const { source, tagger, policy, kinds, changes } = info;
  return [
    ['Taken', `${formatTime(info.takenAtSec)} (${formatAge(info.takenAtSec, nowMs)})`],
    ['By', escapeText(`${tagger.name} <${tagger.email}>`)],
    ['Directory', `${displayBytes(info.path)}/`],
    [
      'Content',
      `${plural(info.files, 'file')}, ${formatBytes(info.bytes)}${info.bytes < 1024 ? '' : ` (${formatCount(info.bytes)} B)`}`,
    ],
    ...(kinds === undefined || kinds.length === 0 ? [] : [['Kinds', kindsText(kinds)] as const]),
    ...(changes === undefined
      ? []
      : [['Changes', `${changes.added} added, ${changes.modified} modified, ${changes.deleted} deleted`] as const]),
    ...info.labels.map(({ key, value }) => ['Label', escapeText(`${key}=${value}`)] as const),
    ['Source', source === undefined ? 'none' : `${source.commit}${source.dirty ? ' (dirty)' : ''}`],
    ...info.context.map(({ name, value }) => ['Context', escapeText(`${name}: ${value}`)] as const),
    ['Manifest', info.manifest],
    ['Payload', info.payload],
    ['Previous', info.previous ?? 'none'],
    ['Policy', `version ${policy.version}, ${policy.digest}`],
    ['Ref', info.ref],
    ['Tag', info.tag],
    ['Tree', info.tree],
  ];
}
