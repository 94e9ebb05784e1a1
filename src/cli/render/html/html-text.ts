import { escapeText } from '../../../core/byte-string.ts';

/** HTML that is complete. Made by {@link html} alone, so that text cannot be taken for it. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

/**
 * Puts parts into a template: what is not HTML already is escaped, as text and as the value of a quoted attribute.
 * Controls and bidirectional formatting become visible; tabs and line feeds stay.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(template.reduce((markup, text, i) => markup + partMarkup(parts[i - 1]) + text));
}

function partMarkup(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.toString();
  if (typeof part === 'object') return part.map(partMarkup).join('');
  return escapeHtml(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text
    .split(/([\t\n])/)
    .map((piece) => (piece === '\t' || piece === '\n' ? piece : escapeText(piece)))
    .join('')
    .replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}
