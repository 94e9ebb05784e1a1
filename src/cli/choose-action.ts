import { SnapshotError } from '../core/errors.ts';
import { joinWords } from './parse/join-words.ts';
import { commandLine } from './parse/synopsis.ts';
import { type ActionSpec, type ArgValues, type CommandSpec, optionText, propertyName } from './spec.ts';

type WithActions = CommandSpec & { readonly actions: readonly ActionSpec[] };

/** What a command was told to do, and the word for it. */
export interface ChosenAction<Name extends string> {
  readonly action: Name;
  /** Undefined where none was typed, or the action takes none. */
  readonly argument: string | undefined;
}

/**
 * The action that a command line names, or the command's first.
 *
 * @throws {SnapshotError} of kind `usage` for an action that there is not, and for an option or a word that is not for it
 */
export async function chooseAction<const Spec extends WithActions>(
  spec: Spec,
  args: ArgValues & { readonly action: string | undefined; readonly argument?: string | undefined },
): Promise<ChosenAction<Spec['actions'][number]['name']>> {
  const actions: readonly ActionSpec[] = spec.actions;
  const chosen = args.action === undefined ? actions[0] : actions.find(({ name }) => name === args.action);
  if (chosen === undefined) throw await unknownAction(spec, args.action ?? '');
  for (const { name } of spec.options) {
    if (!isGiven(args[propertyName(name)]) || chosen.options.includes(name)) continue;
    const owners = actions.filter(({ options }) => options.includes(name)).map((action) => action.name);
    throw wrong(spec, `option '${optionText({ name })}' is for ${joinWords(owners, 'and')}, not for ${chosen.name}`);
  }
  const { takes } = chosen;
  if (takes === undefined && args.argument !== undefined)
    throw wrong(spec, `unexpected argument '${args.argument}': ${chosen.name} takes none`);
  if (takes !== undefined && !takes.startsWith('[') && args.argument === undefined)
    throw wrong(spec, `no ${takes.toLowerCase()} given to ${chosen.name}`);
  return { action: chosen.name, argument: args.argument };
}

function isGiven(value: ArgValues[string]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

async function unknownAction(spec: WithActions, word: string): Promise<SnapshotError> {
  const names = spec.actions.map(({ name }) => name);
  const near = (await import('./parse/suggest.ts')).suggest(word, names);
  const question = near === undefined ? `; it has ${joinWords(names, 'and')}` : `, did you mean '${near}'?`;
  return wrong(spec, `'${word}' is not an action of ${commandLine(spec)}${question}`);
}

function wrong(spec: CommandSpec, message: string): SnapshotError {
  return new SnapshotError('usage', message, { hint: `Run "${commandLine(spec)} -h" for its usage.` });
}
