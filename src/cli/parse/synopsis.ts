import type { CommandSpec, OptionSpec } from '../spec.ts';

/** `git snapshot diff`; the second program's only command is the program. */
export function commandLine(spec: CommandSpec): string {
  return spec.name === 'rollback' ? 'git rollback' : `git snapshot ${spec.name}`;
}

/** A command with its arguments, as usage lines have it. */
export function synopsis(spec: CommandSpec): string {
  const words = spec.positionals.map(({ name, required, repeat }) => {
    const word = `<${name}>${repeat ? '...' : ''}`;
    return required ? word : `[${word}]`;
  });
  return [commandLine(spec), '[<options>]', ...words].join(' ');
}

/** An option with its short form and what stands for its value: `-m, --message TEXT`. */
export function optionForms({ name, short, value }: OptionSpec): string {
  const forms = name.length === 1 ? [`-${name}`] : [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
  return forms.join(', ') + (value === undefined ? '' : ` ${value}`);
}
