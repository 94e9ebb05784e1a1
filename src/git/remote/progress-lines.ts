import type { Progress, ProgressReporter } from '../../core/ports.ts';

/** What git wrote to standard error beside its progress, line by line and not escaped. */
export interface RemoteWords {
  /** What the other side printed: its hooks, above all. */
  readonly said: string[];
  /** What git itself says. */
  readonly own: string[];
}

const TITLES: Readonly<Record<string, string>> = {
  'Counting objects': 'Counting objects',
  'Compressing objects': 'Compressing objects',
  'Writing objects': 'Sending objects',
  'Receiving objects': 'Receiving objects',
  'Unpacking objects': 'Receiving objects',
  'Resolving deltas': 'Resolving deltas',
};
const STEP = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +\d+% \((\d+)\/(\d+)\)/;
/** Neither progress nor news. */
const CHATTER =
  /^(?:remote: )?(?:[A-Z][a-z]+ (?:objects|deltas|sources): +\d|Total \d|Delta compression using|Everything up-to-date|POST git-|To |From |Done$)/;
// No line of git's is longer; what is, comes from elsewhere and is cut.
const MAX_LINE_CHARACTERS = 64 * 1024;
const MAX_LINES = 2000;

/** Reads git's standard error as it comes: tells the progress, keeps the rest. */
export class ProgressLines {
  readonly words: RemoteWords = { said: [], own: [] };
  readonly #report: ProgressReporter | undefined;
  #rest = '';
  #title = '';
  #move: Progress | undefined;

  constructor(report: ProgressReporter | undefined) {
    this.#report = report;
  }

  /** Takes what came, as text. */
  add(chunk: string): void {
    const lines = (this.#rest + chunk).split(/[\r\n]/);
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
    for (const line of lines) this.#take(line);
  }

  /** Takes the last line, if it was not ended. */
  end(): void {
    this.#take(this.#rest);
    this.#rest = '';
  }

  #take(line: string): void {
    const [, name = '', done, total] = STEP.exec(line) ?? [];
    const title = TITLES[name];
    if (title !== undefined) this.#tell(title, Number(done), Number(total));
    if (title !== undefined || line.trim() === '' || CHATTER.test(line)) return;
    const isSaid = line.startsWith('remote: ') || line === 'remote:';
    const kept = isSaid ? this.words.said : this.words.own;
    if (kept.length < MAX_LINES) kept.push((isSaid ? line.slice('remote: '.length) : line).trimEnd());
  }

  #tell(title: string, done: number, total: number): void {
    if (title !== this.#title || this.#move === undefined) {
      this.#title = title;
      this.#move = this.#report?.phase(title);
    }
    this.#move?.(done, total);
  }
}
