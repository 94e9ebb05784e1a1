import { resolve } from 'node:path';
import { SnapshotError } from '../core/errors.ts';
import type { App, AppSettings, OpenApp } from './app/app.ts';
import { PROGRAMS, type Program, type ProgramName } from './commands/table.ts';
import { DONE } from './exit-code.ts';
import { type Invocation, readQuickly } from './parse/read-quickly.ts';
import type { Io } from './terminal/io.ts';
import { Output, type OutputSettings } from './terminal/output.ts';
import { createProgress } from './terminal/progress.ts';
import { createPrompt, type Prompt } from './terminal/prompt.ts';
import { VERSION } from './version.ts';

/** What a caller of {@link main} may replace. */
export interface MainOptions {
  /** Default: over the real adapters. */
  readonly openApp?: OpenApp;
  /** Told the command's name as it starts. */
  readonly onStart?: (command: string) => void;
  /** Told when a question is asked before anything is changed, and when that is over. */
  readonly onQuestion?: (open: boolean) => void;
  /** Told when a directory begins to be replaced, and when that has ended, either way. */
  readonly onReplacement?: AppSettings['onReplacement'];
}

/**
 * Runs one command line of one of the programs, and gives the exit code. Prints its own errors; rejects for nothing.
 *
 * @param argv - what was typed after the program's name
 */
export async function main(name: ProgramName, argv: readonly string[], io: Io & MainOptions): Promise<number> {
  let settings = guessSettings(argv);
  let out: Output | undefined;
  try {
    const read = (await readQuickly(PROGRAMS[name], argv)) ?? (await readSlowly(PROGRAMS[name], argv, io));
    if (read === undefined) return DONE;
    settings = settingsOf(read);
    io.onStart?.(read.command.spec.name);
    out = new Output(io, settings);
    const code = await run(read, out, io);
    out.releaseAll();
    return code;
  } catch (error) {
    // As JSON, the document of the error has all that was held back.
    if (!settings.json) out?.releaseAll();
    const { reportError } = await import('./tell/report-error.ts');
    return reportError(error, io, { ...settings, notes: out?.takeAll() ?? [] });
  }
}

/** Answers requests for help and for the version (and gives undefined); throws the mistakes. */
async function readSlowly(program: Program, argv: readonly string[], io: Io): Promise<Invocation | undefined> {
  const { readFully } = await import('./parse/read-fully.ts');
  const reading = await readFully(program, argv, Math.min(io.stdout.columns ?? 80, 100));
  if (reading.kind === 'run') return reading.invocation;
  if (reading.kind === 'wrong') throw new SnapshotError('usage', reading.message, { hint: reading.hint });
  io.stdout.write(`${reading.kind === 'help' ? reading.text : `${program.name} ${VERSION}`}\n`);
  return undefined;
}

async function run(read: Invocation, out: Output, io: Io & MainOptions): Promise<number> {
  const { command, args, global } = read;
  const directory = resolve(io.cwd, ...(Array.isArray(global['C']) ? global['C'] : []));
  const progress = createProgress(io, out.settings);
  const beforeQuestion = () => {
    progress.clear();
    out.releaseNotes();
  };
  const prompt = watchQuestions(createPrompt(io, beforeQuestion), io);
  const note = (text: string) => {
    progress.clear();
    out.note(text);
  };

  let opened: Promise<App> | undefined;
  const advise = (text: string) => out.advise(text);
  const { onReplacement } = io;
  const surroundings: AppSettings = { directory, prompt, progress, note, advise, onReplacement };
  const open = async () => {
    const openApp = io.openApp ?? (await import('./wire.ts')).openApp;
    return openApp(io, surroundings);
  };
  const app = () => {
    opened ??= open();
    return opened;
  };
  try {
    return await command.run({
      args,
      directory,
      io,
      out,
      prompt,
      app,
      summarize: async (options) => {
        // One that was handed in answers for itself.
        if (io.openApp !== undefined) return (await app()).summarize(options);
        return (await import('./wire/summaries.ts')).summarize(io, surroundings, options);
      },
      verifyExport: async (options) => (await import('./wire/exchange.ts')).verifyExport(io, surroundings, options),
    });
  } finally {
    progress.clear();
    // A failure to open has been thrown to the handler already.
    const toClose = await opened?.catch(() => undefined);
    await toClose?.close();
  }
}

function watchQuestions(prompt: Prompt, { onQuestion }: MainOptions): Prompt {
  if (onQuestion === undefined) return prompt;
  return {
    // Not read here: it is slow to find out.
    get available() {
      return prompt.available;
    },
    passphrase: prompt.passphrase,
    confirm: async (question, flag) => {
      onQuestion(true);
      try {
        return await prompt.confirm(question, flag);
      } finally {
        onQuestion(false);
      }
    },
  };
}

function settingsOf({ global }: Invocation): OutputSettings {
  return {
    json: global['json'] === true,
    quiet: global['quiet'] === true,
    verbose: global['verbose'] === true,
    noColor: global['noColor'] === true,
  };
}

/** How to print a mistake in a command line that could not be read. */
function guessSettings(argv: readonly string[]): OutputSettings {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return { json: options.includes('--json'), quiet: false, verbose: false, noColor: false };
}
