import { escapeText } from '../../core/byte-string.ts';
import { once } from '../../core/once.ts';
import type { ProgressReporter } from '../../core/ports.ts';
import type { Io } from './io.ts';

const SILENT_MS = 500;
const REDRAW_MS = 100;
const BAR_CELLS = 24;

/** A bar on standard error that can be taken away. */
export interface ProgressBar extends ProgressReporter {
  /** Removes the bar, if one is drawn, so that something else can be printed. */
  clear(): void;
}

/** Draws on a terminal only, and only once a phase has taken half a second. */
export function createProgress({ stderr, now }: Pick<Io, 'stderr' | 'now'>, options: { quiet: boolean }): ProgressBar {
  // Asked late: to look at standard error takes node some milliseconds.
  const isEnabled = once(() => stderr.isTTY === true && !options.quiet);
  let drawn = false;
  const clear = () => {
    if (drawn) stderr.write('\r\x1b[K');
    drawn = false;
  };
  return {
    clear,
    phase(title) {
      clear();
      const startedMs = now();
      let drawnMs = Number.NEGATIVE_INFINITY;
      return (done, total) => {
        if (!isEnabled()) return;
        const nowMs = now();
        if (done >= total) return clear();
        if (nowMs - startedMs < SILENT_MS || nowMs - drawnMs < REDRAW_MS) return;
        drawnMs = nowMs;
        drawn = true;
        stderr.write(`\r\x1b[K${barText(escapeText(title), done / total).slice(0, (stderr.columns ?? 80) - 1)}`);
      };
    },
  };
}

function barText(title: string, share: number): string {
  const full = Math.floor(share * BAR_CELLS);
  const bar = '#'.repeat(full).padEnd(BAR_CELLS, '.');
  return `${title}  [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}
