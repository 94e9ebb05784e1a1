import { policyJsonSchema } from '../../../src/core/policy/schema.ts';

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly description?: string;
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly text: string;
}

/** `docs/policy-fields.md`: every field that the schema of the policy has. */
export function policyFieldsMarkdown(): string {
  const root = policyJsonSchema() as Schema;
  const rows = rowsOf(root, '', root).map(
    ({ path, type, required, text }) =>
      `| \`${path}\` | ${type} | ${required ? 'yes' : ''} | ${text.replaceAll('|', '\\|')} |`,
  );
  return `${[
    '<!-- Made from src/core/policy by test/cli/reference/reference.test.ts: run `npx vitest run test/cli/reference -u`. -->',
    '# Fields of the policy',
    'What `.snapshots/policy.yaml` may have; any other field is an error. `<name>` stands for a name that you choose, of lower-case letters, digits, `.`, `_` and `-`. `holders` are a list of people, of whom one is enough, or `{people: [...], threshold: 2}`. How it works is told in [policy.md](policy.md).',
    `| field | type | required | what it says |\n|---|---|---|---|\n${rows.join('\n')}`,
  ].join('\n\n')}\n`;
}

function rowsOf(schema: Schema, path: string, root: Schema): Row[] {
  const ways = schema.anyOf ?? schema.oneOf ?? [];
  const required = new Set(schema.required);
  return [
    ...ways.flatMap((way) => rowsOf(way, path, root)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
      const at = path === '' ? name : `${path}.${name}`;
      const row = { path: at, type: typeOf(field), required: required.has(name), text: field.description ?? '' };
      return [row, ...below(field, at, root)];
    }),
  ];
}

function below(field: Schema, at: string, root: Schema): Row[] {
  const { additionalProperties: members, items } = field;
  return [
    ...rowsOf(field, at, root),
    ...(typeof members === 'object' ? below(members, `${at}.<name>`, root) : []),
    ...(items === undefined ? [] : below(items, `${at}[]`, root)),
  ];
}

function typeOf(schema: Schema): string {
  if (schema.allOf?.[0]?.$ref ?? schema.$ref) return 'holders';
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  const ways = schema.anyOf ?? schema.oneOf;
  if (ways !== undefined) return [...new Set(ways.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'object') return typeof schema.additionalProperties === 'object' ? 'by name' : 'fields';
  return schema.type === 'integer'
    ? 'number'
    : schema.type === 'boolean'
      ? 'true or false'
      : (schema.type ?? 'anything');
}
