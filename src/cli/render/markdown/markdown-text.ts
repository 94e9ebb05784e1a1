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

/**
 * Text of a repository inside of Markdown, of which words and figures that can mean nothing there stay as they are; all else
 * is a {@link codeSpan}: names of objects, paths, marks.
 */
export function plainOrCode(text: string): string {
  const tokens = text.split(' ');
  // What is odd about spaces must be seen.
  if (tokens.includes('')) return codeSpan(text);
  const parts: { text: string; isPlain: boolean }[] = [];
  for (const [i, token] of tokens.entries()) {
    const isPlain = isPlainToken(token, i === 0);
    const last = parts.at(-1);
    if (last?.isPlain === isPlain) last.text += ` ${token}`;
    else parts.push({ text: token, isPlain });
  }
  return parts.map((part) => (part.isPlain ? part.text : codeSpan(part.text))).join(' ');
}

/** Whether a word has no mark that Markdown, or those who look for mentions and references in it, could take for theirs. */
function isPlainToken(token: string, isFirst: boolean): boolean {
  if (isFirst && /^(?:\(|\d+[.)]$)/.test(token)) return false;
  return (
    /^[('"]*[A-Za-z0-9][A-Za-z0-9,:;%().'"-]*$/.test(token) &&
    !/www\.|gh-|[0-9a-f]{7}|[a-z]:\w|:[\w-]+:|[a-z]\.[a-z]/i.test(token)
  );
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
