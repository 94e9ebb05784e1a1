import type { ActionSpec, CommandSpec } from '../spec.ts';

/** One action of a command as if it were a command of its own, for its help: with its own word, options and examples. */
export function actionSpec(
  { actions: _, ...spec }: CommandSpec,
  { name, takes, summary, options }: ActionSpec,
): CommandSpec {
  const command = `${spec.name} ${name}`;
  const [, argument] = spec.positionals;
  const word = takes?.replace(/[[\]]/g, '').toLowerCase();
  return {
    ...spec,
    name: command,
    summary,
    description: [],
    positionals:
      argument === undefined || word === undefined
        ? []
        : [{ ...argument, name: word, required: takes?.startsWith('[') !== true }],
    options: spec.options
      .filter((option) => options.includes(option.name))
      .map((option) => ({ ...option, summary: withoutOwners(option.summary) })),
    examples: spec.examples.filter(({ command: typed }) => `${typed} `.startsWith(`git snapshot ${command} `)),
  };
}

/** `Of add and rotate: do not ask` → `Do not ask`. */
function withoutOwners(summary: string): string {
  const text = summary.replace(/^Of [a-z, ]+: /, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
