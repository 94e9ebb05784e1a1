import {
  type ArgValues,
  type CommandSpec,
  type OptionSpec,
  optionText,
  type PositionalSpec,
  propertyName,
} from '../spec.ts';
import { GLOBAL_OPTIONS } from '../specs/global.ts';
import { joinWords } from './join-words.ts';
import { optionsOf } from './spell-out.ts';

/** What a parser found, by the names of the table. */
export type RawValues = Readonly<Record<string, unknown>>;

/** The values of the command's own options and positionals, and those of the global options. */
export interface ReadValues {
  readonly args: ArgValues;
  readonly global: ArgValues;
}

/** Values in the form that handlers take, or what is wrong with them. */
export type CheckedValues = ({ readonly ok: true } & ReadValues) | { readonly ok: false; readonly message: string };

/** Checks what a parser cannot (numbers, choices, exclusions) and gives each value its type. */
export function checkValues(spec: CommandSpec, raw: RawValues): CheckedValues {
  for (const option of optionsOf(spec)) {
    const message = faultOf(option, raw[option.name]);
    if (message !== undefined) return { ok: false, message };
  }
  for (const positional of spec.positionals) {
    const message = choiceFault(`argument '${positional.name}'`, positional, raw[positional.name]);
    if (message !== undefined) return { ok: false, message };
  }
  for (const [one, other] of spec.conflicts) {
    if (isGiven(raw[one]) && isGiven(raw[other])) {
      return { ok: false, message: `${nameOf(spec, one)} and ${nameOf(spec, other)} cannot be used together` };
    }
  }
  return {
    ok: true,
    args: typed([...spec.options, ...spec.positionals], raw),
    global: typed(GLOBAL_OPTIONS, raw),
  };
}

function faultOf(option: OptionSpec, value: unknown): string | undefined {
  const subject = `option '${optionText(option)}'`;
  if (option.type !== 'integer') return choiceFault(subject, option, value);
  const wrong = textsOf(value).find((text) => !/^[1-9][0-9]{0,8}$/.test(text));
  return wrong === undefined ? undefined : `${subject} takes a whole number above 0, not '${wrong}'`;
}

function choiceFault(
  subject: string,
  { choices }: { choices?: readonly string[] },
  value: unknown,
): string | undefined {
  const wrong = textsOf(value).find((text) => choices !== undefined && !choices.includes(text));
  return wrong === undefined ? undefined : `${subject} takes ${joinWords(choices ?? [], 'or')}, not '${wrong}'`;
}

function nameOf(spec: CommandSpec, name: string): string {
  const option = optionsOf(spec).find((candidate) => candidate.name === name);
  return `'${option === undefined ? `<${name}>` : optionText(option)}'`;
}

function isGiven(value: unknown): boolean {
  return value === true || textsOf(value).length > 0;
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}

function typed(specs: readonly (OptionSpec | PositionalSpec)[], raw: RawValues): ArgValues {
  const values: Record<string, ArgValues[string]> = {};
  for (const spec of specs) {
    const texts = textsOf(raw[spec.name]);
    const type = 'type' in spec ? spec.type : 'text';
    const last = texts.at(-1);
    if (type === 'flag') values[propertyName(spec.name)] = raw[spec.name] === true;
    else if (spec.repeat) values[propertyName(spec.name)] = texts;
    else values[propertyName(spec.name)] = type === 'integer' && last !== undefined ? Number(last) : last;
  }
  return values;
}

/** Gives each positional its words; undefined where there are too many or too few. */
export function assignWords(spec: CommandSpec, words: readonly string[]): RawValues | undefined {
  const left = [...words];
  const values: Record<string, string | string[]> = {};
  for (const { name, repeat, required } of spec.positionals) {
    const taken = left.splice(0, repeat ? left.length : 1);
    const [first] = taken;
    if (first === undefined && required) return undefined;
    if (first !== undefined) values[name] = repeat ? taken : first;
  }
  return left.length === 0 ? values : undefined;
}
