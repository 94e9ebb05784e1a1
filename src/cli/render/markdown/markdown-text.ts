import { escapeText } from '../../../core/byte-string.ts';

/**
 * Text of a repository inside of Markdown, as a code span: of all inline forms the one in which nothing is read as Markdown,
 * HTML, a mention, a reference or an address, by GitHub and GitLab alike. Entities are not enough: mentions are looked for
 * in what was rendered.
 */
export function codeSpan(text: string): string {
  // A line's end could begin a block; a bar would end the cell of a table even in here.
  const shown = escapeText(text).replace(/\|/g, '\\u{7c}');
  if (shown === '') return '*(empty)*';
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = /^`|`$|^ .* $/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Words and figures that can mean nothing in Markdown as they are; all else as a {@link codeSpan}. */
export function plainOrCode(text: string): string {
  const isPlain =
    /^[A-Za-z0-9][A-Za-z0-9 ,:;%().'"-]*$/.test(text) &&
    !/^\d+[.)] |www\.|gh-|[0-9a-f]{7}|[a-z]:\w|:[\w-]+:/i.test(text);
  return isPlain ? text : codeSpan(text);
}

/** Lines of text as a block of code, in a fence that none of them can close. */
export function codeBlock(lines: readonly string[], language = ''): string {
  const text = lines.join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** The same inside of an element of HTML that Markdown leaves alone, such as a summary. */
export function codeElement(text: string): string {
  const escaped = escapeText(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  return `<code>${escaped}</code>`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}

/** Text cut to so many characters, whole ones. */
export function clip(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text
    .slice(0, maxChars)
    .toWellFormed()
    .replace(/\ufffd$/, '')} …`;
}
