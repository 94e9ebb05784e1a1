import { escapeText } from '../../core/byte-string.ts';
import type { HealthOutcome } from '../../flows/results.ts';
import { describeHealth } from '../../flows/rollback/health-failed-error.ts';
import type { Painter } from '../terminal/output.ts';

const MAX_LINES = 10;

/** What the program that is asked after a rollback said: how it ended, and, of one that was not content, what it printed. */
export function renderHealth(
  out: Painter,
  { health, title }: { readonly health: HealthOutcome; readonly title: string },
  { verbose }: { readonly verbose: boolean },
): string[] {
  const { verdict, lines } = health;
  const isWell = verdict === 'pass';
  const mark = isWell ? out.tone('good', 'ok   ') : out.tone('bad', 'FAIL ');
  const max = verbose ? lines.length : MAX_LINES;
  return [
    `  ${mark} ${title}  ${escapeText(describeHealth(health))}`,
    ...(isWell ? [] : lines.slice(0, max).map((line) => `        ${escapeText(line)}`)),
    ...(isWell || lines.length <= max ? [] : [`        and ${lines.length - max} more lines; --verbose shows them`]),
  ];
}
