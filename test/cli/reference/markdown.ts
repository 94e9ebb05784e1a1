import { z } from 'zod';
import { EXIT_CODES } from '../../../src/cli/exit-code-table.ts';
import { commandLine, optionForms, synopsis } from '../../../src/cli/parse/synopsis.ts';
import { DOCUMENTS, ErrorDocument } from '../../../src/cli/schemas/documents.ts';
import { type CommandSpec, GROUPS, type OptionSpec } from '../../../src/cli/spec.ts';
import { COMMAND_SPECS } from '../../../src/cli/specs/all.ts';
import { GLOBAL_OPTIONS } from '../../../src/cli/specs/global.ts';
import { ENVIRONMENT, FILES } from './surroundings.ts';

const MADE =
  '<!-- Made from src/cli by test/cli/reference/reference.test.ts: run `npx vitest run test/cli/reference -u`. -->';

/** Documents of more than one command. */
const TITLES: Readonly<Record<string, string>> = {
  rollback: 'rollback, restore',
  'policy apply': 'policy apply, policy sign',
  'key add': 'key add, key retire, key revoke',
  approve: 'approve, reject',
  'hooks install': 'hooks install, hooks uninstall',
  trust: 'trust show, trust pin, trust accept',
};

/** `docs/cli.md`. */
export function cliMarkdown(): string {
  const overview = GROUPS.flatMap((group) =>
    COMMAND_SPECS.filter((spec) => spec.group === group).map(
      (spec) => `| ${group} | [\`${commandLine(spec)}\`](#${anchor(spec)}) | ${spec.summary} |`,
    ),
  );
  return `${[
    MADE,
    '# The command line',
    '`git snapshot` and `git rollback` are programs on the PATH that git runs. `git snapshot rollback` is the same as `git rollback`; `git snapshot` with no command is `git snapshot create`.',
    `| | command | what it does |\n|---|---|---|\n${overview.join('\n')}`,
    'The result goes to standard output, everything else to standard error. Progress is shown only on a terminal, and only after half a second. Colours are used only on a terminal, and not where `NO_COLOR` is set. Control characters and invisible ones in names and messages are printed as escapes.',
    '## Options of every command',
    optionList(GLOBAL_OPTIONS),
    '## Environment',
    definitions(ENVIRONMENT),
    '## Files',
    definitions(FILES),
    '## Exit codes',
    'See [exit-codes.md](exit-codes.md).',
    ...COMMAND_SPECS.flatMap((spec) => commandSection(spec)),
    '## JSON documents',
    'With `--json` a command prints one line on standard output: the document below, and nothing else. If it fails it prints an error document, and nothing else, on standard error, and nothing on standard output; the exit code is the same as without `--json`. A command whose answer is no prints its document and exits with 1 (`verify`, `status`) or 7 (`check`, `promote --dry-run`). Fields may be added; none is removed or changes its meaning within a major version.',
    ...Object.entries(DOCUMENTS).flatMap(([name, schema]) => [
      `### ${TITLES[name] ?? name}`,
      fence(schemaText(schema), 'ts'),
    ]),
    '### errors',
    fence(schemaText(ErrorDocument), 'ts'),
  ].join('\n\n')}\n`;
}

/** `docs/exit-codes.md`. */
export function exitCodesMarkdown(): string {
  const rows = EXIT_CODES.map(
    ({ code, kind, meaning }) => `| ${code} | ${kind === undefined ? '' : `\`${kind}\``} | ${meaning} |`,
  );
  return `${[
    MADE,
    '# Exit codes',
    'Both programs use the same codes. The kind is that of the error document that `--json` prints, and of the `SnapshotError` that the library throws.',
    `| code | kind | meaning |\n|---|---|---|\n${rows.join('\n')}`,
    'Under `--json`, the kind of an error with code 1 is `declined` and with code 70 `bug`.',
  ].join('\n\n')}\n`;
}

function definitions(rows: readonly (readonly [name: string, text: string])[]): string {
  return rows.map(([name, text]) => `- \`${name}\`: ${text}`).join('\n');
}

function anchor(spec: CommandSpec): string {
  return commandLine(spec).replaceAll(' ', '-');
}

function commandSection(spec: CommandSpec): string[] {
  const codes = spec.exitCodes.map((code) => `\`${code}\``).join(', ');
  const words = spec.positionals.map(({ name, summary }) => `- \`<${name}>\`: ${summary}`);
  return [
    `## ${commandLine(spec)}`,
    `${spec.summary}.`,
    fence(synopsis(spec), 'text'),
    ...spec.description,
    ...(spec.alias === undefined ? [] : [`Also as \`git snapshot ${spec.alias}\`.`]),
    ...(words.length === 0 ? [] : [words.join('\n')]),
    ...(spec.options.length === 0 ? [] : [optionList(spec.options)]),
    ...conflicts(spec),
    fence(spec.examples.map(({ command, summary }) => `# ${summary}\n${command}`).join('\n'), 'sh'),
    `Exit codes: ${codes}.`,
  ];
}

function conflicts(spec: CommandSpec): string[] {
  const name = (word: string) => (spec.positionals.some((p) => p.name === word) ? `<${word}>` : `--${word}`);
  const pairs = spec.conflicts.map(([one, other]) => `\`${name(one)}\` and \`${name(other)}\``);
  return pairs.length === 0 ? [] : [`Not together: ${pairs.join('; ')}.`];
}

function optionList(options: readonly OptionSpec[]): string {
  return options
    .filter(({ hidden }) => !hidden)
    .map((option) => `- \`${optionForms(option)}\`: ${option.summary}`)
    .join('\n');
}

function fence(text: string, language: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly description?: string;
}

function schemaText(schema: z.ZodType): string {
  return typeText(z.toJSONSchema(schema) as JsonSchema, '');
}

/** A schema as a type in the manner of TypeScript, which people read more easily. */
function typeText(schema: JsonSchema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const among = schema.anyOf ?? schema.oneOf;
  if (among !== undefined) return among.map((one) => typeText(one, indent)).join(' | ');
  if (typeof schema.type === 'object')
    return schema.type.map((type) => typeText({ ...schema, type }, indent)).join(' | ');
  if (schema.type === 'array') return `Array<${typeText(schema.items ?? {}, indent)}>`;
  if (schema.type !== 'object') return schema.type === 'integer' ? 'number' : (schema.type ?? 'unknown');
  if (schema.properties === undefined) {
    const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
    return `Record<string, ${typeText(values, indent)}>`;
  }
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const mark = schema.required?.includes(name) ? '' : '?';
    const comment = field.description === undefined ? '' : ` // ${field.description}`;
    return `${indent}  ${name}${mark}: ${typeText(field, `${indent}  `)};${comment}`;
  });
  return `{\n${fields.join('\n')}\n${indent}}`;
}
