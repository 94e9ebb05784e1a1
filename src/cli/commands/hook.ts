import { displayBytes, escapeText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { type HookName, parsePushed, parseReceived, parseTransaction } from '../../core/share/hook-input.ts';
import type { HookVerdict, RefusedChange } from '../../core/share/hook-verdict.ts';
import type { HooksApp } from '../app/hooks-app.ts';
import { ANSWER_IS_NO, DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { HOOK } from '../specs/hooks.ts';
import type { Io } from '../terminal/io.ts';

const MAX_INPUT_BYTES = 256 * 1024 * 1024;
const MAX_SHOWN = 20;
const MAX_REASON = 500;

/** `git snapshot hook`: what the scripts in `hooks/` run. */
export const hook = handle(HOOK, async ({ args, io, app }) => {
  const input = await readInput(io);
  const { refused } = await judge((await app()).hooks, { name: args.hook, words: args.argument, input });
  if (refused.length === 0) return DONE;
  for (const line of refusalLines(refused, args.hook)) io.stderr.write(`${line}\n`);
  return ANSWER_IS_NO;
});

interface Question {
  readonly name: HookName;
  readonly words: readonly string[];
  readonly input: string;
}

async function judge(flows: HooksApp, { name, words, input }: Question): Promise<HookVerdict> {
  const [first, second] = words;
  switch (name) {
    case 'pre-push': {
      if (first === undefined || second === undefined) throw wrongWords(name, 'the name and the address of a remote');
      return flows.prePush({ remote: first, url: second, updates: parsePushed(input) });
    }
    case 'pre-receive':
      return flows.preReceive({ updates: parseReceived(input) });
    case 'reference-transaction':
      if (first === undefined) throw wrongWords(name, 'the state of the transaction');
      return flows.referenceTransaction({ state: first, updates: parseTransaction(input) });
  }
}

async function readInput({ stdin }: Io): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
    bytes += piece.length;
    if (bytes > MAX_INPUT_BYTES) {
      throw new SnapshotError('git', 'git tells of too many refs at once', { hint: 'Push or update fewer at a time.' });
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('latin1');
}

function refusalLines(refused: readonly RefusedChange[], name: HookName): string[] {
  const hints = new Set(refused.flatMap(({ hint }) => (hint === undefined ? [] : [hint])));
  if (name === 'reference-transaction')
    hints.add(
      'If it has to be, set GIT_SNAPSHOT_WRITER=1 for this one command; what others see is verified all the same.',
    );
  return [
    ...refused.slice(0, MAX_SHOWN).map(refusalLine),
    ...(refused.length > MAX_SHOWN ? [`error: and ${refused.length - MAX_SHOWN} more`] : []),
    ...[...hints].map((hint) => `hint: ${escapeText(hint)}`),
  ];
}

function refusalLine({ ref, reason, rule }: RefusedChange): string {
  const text = escapeText(reason);
  const bounded = text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text;
  return rule === undefined ? `error: '${displayBytes(ref)}' ${bounded}` : `git-snapshot: refused: ${rule}: ${bounded}`;
}

function wrongWords(name: HookName, what: string): SnapshotError {
  return new SnapshotError('usage', `git gives ${name} ${what}, and nothing was given`, {
    hint: 'Hand on the arguments that git gave the hook: "$@".',
  });
}
