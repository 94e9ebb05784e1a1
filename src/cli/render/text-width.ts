import { once } from '../../core/once.ts';

// Scripts and forms that East Asian Width has as wide, and what is drawn as an emoji. Made where there are such characters.
const wide = once(
  () =>
    /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u,
);
const invisible = once(() => /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u);

const NOT_ASCII = /[^ -~]/;

let segmenter: Intl.Segmenter | undefined;

/** The characters of a text as people see them: a letter with its accents is one. */
function characters(text: string): string[] {
  if (isAscii(text)) return [...text];
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/**
 * Cells that a text takes on a terminal: two for Chinese, Japanese, Korean and emoji, none for what combines.
 * The text has no control characters and no colours.
 */
export function textWidth(text: string): number {
  if (isAscii(text)) return text.length;
  let cells = 0;
  for (const character of characters(text)) cells += invisible().test(character) ? 0 : wide().test(character) ? 2 : 1;
  return cells;
}

/** A text cut to at most `cells`, with an ellipsis where something was cut. */
export function truncate(text: string, cells: number): string {
  if (textWidth(text) <= cells) return text;
  let kept = '';
  let left = cells - 1;
  for (const character of characters(text)) {
    left -= textWidth(character);
    if (left < 0) break;
    kept += character;
  }
  return cells < 1 ? '' : `${kept}…`;
}

/** Whether there is nothing but printable ASCII, of which each character takes one cell. */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}
