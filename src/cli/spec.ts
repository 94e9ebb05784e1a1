/** What a word on the command line stands for, so that a shell can complete it. */
export type Completes = 'snapshot' | 'set' | 'environment' | 'directory' | 'file';

/** One option. Commands are data: this table is what parses, documents and completes them. */
export interface OptionSpec {
  /** Without dashes. A name of one letter has only the short form. */
  readonly name: string;
  readonly short?: string;
  readonly type: 'flag' | 'text' | 'integer' | 'choice';
  /** What stands for the value in help, in capitals. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** May be given many times; all values count. Otherwise the last one does. */
  readonly repeat?: boolean;
  readonly summary: string;
  readonly completes?: Completes;
  /** Works, but is not for people: help does not show it. */
  readonly hidden?: boolean;
}

/** One argument that is not an option. Only the last may repeat. */
export interface PositionalSpec {
  readonly name: string;
  readonly required?: boolean;
  readonly repeat?: boolean;
  readonly choices?: readonly string[];
  readonly summary: string;
  readonly completes?: Completes;
}

/** One of the things that a command can do, where its first word says which. */
export interface ActionSpec {
  readonly name: string;
  /** The word that it takes after its name, in capitals: `KEY`, or `[FILE]` where it may be left out. */
  readonly takes?: string;
  /** One line, imperative, no full stop. */
  readonly summary: string;
  /** Names of those options of the command that are for it. */
  readonly options: readonly string[];
}

/** Headings under which the overview lists commands, in this order. */
export const GROUPS = ['Take', 'Look', 'Promote', 'Share', 'Go back', 'Keep', 'Watch', 'Govern', 'Set up'] as const;

/** One command, complete but for the code that runs it. */
export interface CommandSpec {
  readonly name: string;
  readonly alias?: string;
  readonly group: (typeof GROUPS)[number];
  /** One line, imperative, no full stop. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly positionals: readonly PositionalSpec[];
  /** What the first positional, `action`, may be; the first of them is meant where none is named. */
  readonly actions?: readonly ActionSpec[];
  readonly options: readonly OptionSpec[];
  /** Pairs that exclude each other: names of options and positionals. */
  readonly conflicts: readonly (readonly [string, string])[];
  readonly examples: readonly { readonly command: string; readonly summary: string }[];
  /** Codes of `EXIT_CODES` that this command is likely to end with. */
  readonly exitCodes: readonly number[];
}

/** An option's or positional's name as a property: `dry-run` becomes `dryRun`. */
type PropertyName<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<PropertyName<Tail>>}`
  : Name;

type One<Spec> = Spec extends { choices: readonly (infer Choice)[] }
  ? Choice
  : Spec extends { type: 'integer' }
    ? number
    : string;

type ValueOf<Spec> = Spec extends { type: 'flag' }
  ? boolean
  : Spec extends { repeat: true }
    ? readonly One<Spec>[]
    : Spec extends { required: true }
      ? One<Spec>
      : One<Spec> | undefined;

type Named = { readonly name: string };
type Values<Specs extends readonly Named[]> = {
  readonly [Spec in Specs[number] as PropertyName<Spec['name']>]: ValueOf<Spec>;
};

/** What a handler is given: flags are false, repeated ones empty, the others undefined where they were not typed. */
export type ArgsOf<Spec extends { options: readonly Named[]; positionals: readonly Named[] }> = Values<
  Spec['options']
> &
  Values<Spec['positionals']>;

/** The value of each option and positional by property name, before a command gives them types. */
export type ArgValues = Readonly<Record<string, boolean | number | string | readonly string[] | undefined>>;

/** `dry-run` → `dryRun`. */
export function propertyName(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** An option as it is typed: `--force`, `-C`. */
export function optionText({ name }: Named): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}
