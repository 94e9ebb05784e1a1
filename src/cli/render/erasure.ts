import { escapeText } from '../../core/byte-string.ts';
import type { EraseResult } from '../../flows/retention/erase.ts';
import type { ErasureReport } from '../../flows/retention/purge-erased.ts';
import type { Painter } from '../terminal/output.ts';
import { codeSpan } from './markdown/markdown-text.ts';
import { plural } from './quantities.ts';

const BEYOND =
  'The directory itself is not touched. Other clones, hosts, backups and caches are not reached from here: in each clone run "git snapshot fetch" and "git snapshot erase --purge".';

/** What would be gone, or what is. */
export function renderErasure(
  out: Painter,
  { outcome, set, snapshots, refs, agreed, needed, blocked, report }: EraseResult,
): string[] {
  return [
    headline({ outcome, set, snapshots }),
    ...snapshots.map(({ id }) => `  ${out.tone('removed', id)}`),
    ...(outcome === 'planned' && refs.length > 0
      ? ['refs that are deleted:', ...refs.map((ref) => `  ${escapeText(ref)}`)]
      : []),
    ...blocked.map(({ reason }) => `in the way: ${escapeText(reason)}`),
    ...(needed > 1 ? [`${agreement({ outcome, agreed, needed })} (${agreed.join(', ')})`] : []),
    ...(report === undefined ? [] : renderReport(report)),
  ];
}

function headline({ outcome, set, snapshots }: Pick<EraseResult, 'outcome' | 'set' | 'snapshots'>): string {
  const what = `${plural(snapshots.length, 'snapshot')} of ${set}`;
  if (outcome === 'erased') return `${what} erased:`;
  return outcome === 'asked'
    ? `asked to erase ${what}; others have to agree by the same command:`
    : `${what} would be erased:`;
}

/** Nobody has agreed to what is only planned: whoever looks at it is counted in, as the one who would. */
function agreement({ outcome, agreed, needed }: Pick<EraseResult, 'outcome' | 'agreed' | 'needed'>): string {
  return `${outcome === 'planned' ? 'with you' : 'agreed'}: ${agreed.length} of ${needed}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function renderReport({ objects, purged, shared, left, remotes }: ErasureReport): string[] {
  return [
    `objects: ${purged} removed of ${objects}; ${shared.length} are needed by something else, ${left.length} are left`,
    ...needs(shared).map(([by, count]) => `  ${plural(count, 'object')} needed by ${by}`),
    ...left.map((oid) => `  left, in a pack that is kept or in another repository: ${oid}`),
    left.length === 0 ? 'nothing else of it is in this repository.' : 'the content is NOT gone from this repository.',
    ...(remotes.length === 0 ? [] : ['remotes that may have it:']),
    ...remotes.map(({ name, url }) => `  ${escapeText(name)}  ${escapeText(url)}`),
    BEYOND,
  ];
}

/** The same as a page to keep with the case. */
export function renderErasureMarkdown({ outcome, set, snapshots, agreed, needed, report }: EraseResult): string[] {
  return [
    `# Erasure: ${set}`,
    '',
    headline({ outcome, set, snapshots }),
    '',
    '| snapshot | signed bytes |',
    '|---|---|',
    ...snapshots.map(({ id, payload }) => `| ${codeSpan(id)} | ${codeSpan(payload)} |`),
    '',
    `${capital(agreement({ outcome, agreed, needed }))}${agreed.length === 0 ? '' : ` (${agreed.join(', ')})`}.`,
    ...(report === undefined ? [] : ['', ...markdownReport(report)]),
  ];
}

function markdownReport({ objects, purged, shared, left, remotes }: ErasureReport): string[] {
  return [
    `Objects: ${purged} removed of ${objects}, ${shared.length} needed by something else, ${left.length} left.`,
    '',
    ...needs(shared).map(([by, count]) => `- ${plural(count, 'object')} needed by ${codeSpan(by)}`),
    ...left.map((oid) => `- left: ${codeSpan(oid)}`),
    ...remotes.map(({ name, url }) => `- may have it: ${codeSpan(name)} ${codeSpan(url)}`),
    '',
    BEYOND,
  ];
}

/** How many objects each needs. */
function needs(shared: ErasureReport['shared']): [by: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { by } of shared) counts.set(by, (counts.get(by) ?? 0) + 1);
  return [...counts];
}
