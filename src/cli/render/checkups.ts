import { escapeText } from '../../core/byte-string.ts';
import type { Checkup, CheckVerdict } from '../../core/doctor/check.ts';
import type { Output, Tone } from '../terminal/output.ts';
import { plural } from './quantities.ts';

const TONES: Readonly<Record<CheckVerdict, Tone>> = { ok: 'good', note: 'changed', wrong: 'bad' };
const WORDS: Readonly<Record<CheckVerdict, string>> = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' };

/** Each thing that was looked at, and below it what to type. Under `--quiet` only what is wrong. */
export function renderCheckups(out: Output, checkups: readonly Checkup[]): string[] {
  const width = Math.max(0, ...checkups.map(({ check }) => check.length));
  const shown = out.settings.quiet ? checkups.filter(({ verdict }) => verdict === 'wrong') : checkups;
  const lines = shown.flatMap(({ check, verdict, detail, hint }) => [
    `${out.tone(TONES[verdict], WORDS[verdict])}  ${escapeText(check).padEnd(width)}  ${escapeText(detail)}`,
    ...(hint === undefined ? [] : [`${' '.repeat(7)}${' '.repeat(width)}  ${out.tone('dim', escapeText(hint))}`]),
  ]);
  return out.settings.quiet ? lines : [...lines, '', sumText(checkups)];
}

function sumText(checkups: readonly Checkup[]): string {
  const count = (verdict: CheckVerdict) => checkups.filter((one) => one.verdict === verdict).length;
  const wrong = count('wrong');
  const notes = count('note') === 0 ? '' : `, ${count('note')} worth knowing`;
  return wrong === 0
    ? `${plural(checkups.length, 'check')}: all is well${notes}`
    : `${plural(checkups.length, 'check')}: ${wrong} wrong${notes}`;
}
