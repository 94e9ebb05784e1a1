import { displayBytes, escapeText } from '../../core/byte-string.ts';
import type { GateOutcome } from '../../flows/gates/results.ts';
import type { Painter } from '../terminal/output.ts';

const MAX_VIOLATIONS = 10;

const MARKS = {
  pass: { tone: 'good', text: 'ok   ' },
  fail: { tone: 'bad', text: 'FAIL ' },
  error: { tone: 'bad', text: 'ERROR' },
} as const;

/** Lines of gates with their verdicts, and what they found: all of it if `verbose`, else the first of each. */
export function renderGates(
  out: Painter,
  gates: readonly GateOutcome[],
  { verbose }: { readonly verbose: boolean },
): string[] {
  const max = verbose ? Number.POSITIVE_INFINITY : MAX_VIOLATIONS;
  const width = gates.reduce((most, { name }) => Math.max(most, name.length), 0);
  return gates.flatMap(({ name, verdict, detail, violations }) => {
    // A gate that has only one thing to say may have said it as the detail.
    const found = violations.map(violationText).filter((text) => text !== escapeText(detail));
    return [
      `  ${out.tone(MARKS[verdict].tone, MARKS[verdict].text)} ${name.padEnd(width)}  ${escapeText(detail)}`.trimEnd(),
      ...found.slice(0, max).map((text) => `        ${text}`),
      ...(found.length > max ? [`        and ${found.length - max} more; --verbose lists them`] : []),
    ];
  });
}

/** What a gate found, and where, in one line that is safe for a terminal. */
export function violationText({ path, pointer, message }: GateOutcome['violations'][number]): string {
  const where = [path === undefined ? '' : displayBytes(path), escapeText(pointer ?? '')].join(pointer ? '#' : '');
  return where === '' ? escapeText(message) : `${where}: ${escapeText(message)}`;
}
