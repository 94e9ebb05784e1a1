import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../src/core/byte-string.ts';
import { SchemaThread } from '../../src/gates/json-schema/schema-thread.ts';
import { runGate, schemaWorkerFile, sha256, subjectOf, told } from './subject.ts';

const GATE = { type: 'json-schema', files: ['**/*.json'], schema: 'model' };
const SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string' }, layers: { type: 'array', items: { type: 'integer', minimum: 1 } } },
  required: ['name'],
  additionalProperties: false,
};

async function check(document: unknown, schema: unknown = SCHEMA, gate: object = GATE) {
  const bytes = typeof document === 'string' ? document : utf8Encode(JSON.stringify(document));
  return runGate(gate, subjectOf({ 'a.json': bytes }), { schemas: { model: schema } });
}

describe('a json-schema gate', () => {
  test('passes files that follow the schema', async () => {
    const files = {
      'a.json': '{"name":"a"}',
      'x/b.json': ' {"layers":[1,2],"name":"é"}\n'.replace('é', '\xc3\xa9'),
      'c.txt': '?',
    };
    const subject = subjectOf(files);
    const result = await runGate(GATE, subject, { schemas: { model: SCHEMA } });
    expect(result).toMatchObject({ verdict: 'pass', detail: '2 files', violations: [] });
    expect(subject.reads).toEqual(['a.json', 'x/b.json']);
    expect(JSON.parse(result.evidence)).toEqual({
      gate: GATE,
      manifest: subject.manifest,
      schema: sha256(JSON.stringify(SCHEMA)),
      files: { 'a.json': sha256(files['a.json']), 'x/b.json': sha256(files['x/b.json']) },
    });
  });

  test('names every violation, with its file and its place', async () => {
    const subject = subjectOf({ 'a.json': '{"layers":[0,1.5],"a/b":1}', 'b.json': '[]', 'c.json': '{"name":"c"}' });
    const result = await runGate(GATE, subject, { schemas: { model: SCHEMA } });
    expect(result.verdict).toBe('fail');
    expect(result.detail).toBe('5 violations');
    expect(told(result)).toEqual([
      "a.json#: must have required property 'name'",
      'a.json#: must NOT have additional properties: "a/b"',
      'a.json#/layers/0: must be >= 1',
      'a.json#/layers/1: must be integer',
      'b.json#: must be object',
    ]);
  });

  test.each<[string, string, string]>([
    ['no JSON', '{name: 1}', 'a.json: is not JSON: '],
    ['empty', ' \n', 'a.json: is empty'],
    ['not UTF-8', '{"name":"\xff"}', 'a.json: is not UTF-8'],
    ['a byte order mark', '\xef\xbb\xbf{"name":"a"}', 'a.json: begins with a byte order mark'],
    [
      'a key twice',
      '{"name":"a","layers":[{"x\\"":1,"\\u0078\\"":{}}]}',
      String.raw`a.json#/layers/0/x": has the key "x\"" twice in one object`,
    ],
    ['a huge number', '{"name":"a","layers":[1,-2e999]}', 'a.json#/layers/1: has a number that is too large'],
    ['a lone surrogate', '{"name":"\\udead"}', 'a.json#/name: has text that is not well-formed Unicode'],
    ['nested too deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'a.json#: is nested more than 1000 deep'],
  ])('fails a file that is %s', async (_, bytes, message) => {
    const result = await check(bytes);
    expect(result.verdict).toBe('fail');
    expect(told(result)).toHaveLength(1);
    expect(told(result)[0]).toContain(message);
  });

  test('fails where a glob matches nothing, a link, or a file that is too large', async () => {
    const schemas = { model: SCHEMA };
    const gate = { ...GATE, files: ['*.json', 'models/*'] };
    expect(told(await runGate(gate, subjectOf({ 'a.json': '{"name":""}' }), { schemas }))).toEqual([
      "no file matches 'models/*'",
    ]);
    const link = subjectOf({ 'a.json': { link: 'b' } });
    expect(told(await runGate(GATE, link, { schemas }))).toEqual(['a.json: is not a regular file']);
    const large = subjectOf({ 'a.json': '{}' });
    const entries = large.entries.map((entry) => ({ ...entry, size: 2 ** 26 + 1 }));
    expect(told(await runGate(GATE, { ...large, entries }, { schemas }))).toEqual([
      'a.json: has 67108865 bytes, more than 67108864',
    ]);
    expect(large.reads).toEqual([]);
  });

  test('knows the drafts 2020-12 and 07, each by its own words', async () => {
    const $schema = 'https://json-schema.org/draft/2020-12/schema';
    const tuple = { $schema, prefixItems: [{ type: 'string' }], items: false };
    expect(await check(['a'], tuple)).toMatchObject({ verdict: 'pass' });
    expect(told(await check(['a', 1], tuple))).toEqual(['a.json#: must NOT have more than 1 items']);
    const old = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      items: [{ type: 'string' }],
      additionalItems: false,
    };
    expect(await check(['a'], old)).toMatchObject({ verdict: 'pass' });
    expect(told(await check([1], old))).toEqual(['a.json#/0: must be string']);
    expect(told(await check('"yesterday"', { format: 'date-time' }))).toEqual([
      'a.json#: must match format "date-time"',
    ]);
  });

  test('goes by what is in the document itself', async () => {
    expect(told(await check('{}', { required: ['constructor', '__proto__'] }))).toHaveLength(2);
    expect(told(await check('{"__proto__":{"name":"a"}}'))).toEqual([
      "a.json#: must have required property 'name'",
      'a.json#: must NOT have additional properties: "__proto__"',
    ]);
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'the schema is not JSON'],
    ['no schema', '[]', 'the schema is neither an object nor a boolean'],
    ['of another draft', { $schema: 'http://json-schema.org/draft-04/schema#' }, 'not of draft 2020-12 or 07'],
    ['against its draft', { type: 'strin' }, 'schema is invalid'],
    ['with an unknown keyword', { requierd: ['a'] }, 'unknown keyword: "requierd"'],
    ['with an unknown format', { format: 'dat' }, 'unknown format "dat"'],
    [
      'referring to elsewhere',
      { $ref: 'https://example.org/s.json' },
      "can't resolve reference https://example.org/s.json",
    ],
    ['referring to nothing', { $ref: '#/$defs/a' }, "can't resolve reference #/$defs/a"],
    ['asynchronous', { $async: true }, 'asynchronous'],
    ['with an expression that is none', { pattern: '(' }, 'Invalid regular expression'],
    [
      'that goes round in a circle',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      'call stack',
    ],
  ])('is an error with a schema that is %s', async (_, schema, message) => {
    const result = await check('{}', schema);
    expect(result).toMatchObject({ verdict: 'error', violations: [] });
    expect(result.detail).toContain(message);
  });

  test('is an error without the schema', async () => {
    const result = await runGate(GATE, subjectOf({ 'a.json': '{}' }));
    expect(result).toMatchObject({ verdict: 'error', detail: "the policy has no schema 'model'" });
  });

  test('is an error when an expression backtracks for ever', async () => {
    const schema = { pattern: '^(a+)+$' };
    const result = await check(JSON.stringify(`${'a'.repeat(60)}!`), schema, { ...GATE, timeout: 1 });
    expect(result).toMatchObject({ verdict: 'error', detail: 'no verdict after 1 s, its time limit' });
  });

  test('is an error when there is not enough memory', async () => {
    // Each of the values is checked against all branches, and each branch says what is wrong with it.
    const schema = JSON.stringify({ items: { anyOf: Array.from({ length: 100 }, (_, i) => ({ const: `v${i}` })) } });
    const file = await schemaWorkerFile();
    const thread = new SchemaThread({ file, schema, signal: new AbortController().signal, heapMb: 40 });
    const document = JSON.stringify(Array.from({ length: 50_000 }, () => 0));
    await expect(thread.check(document)).rejects.toThrow(/^the check of the schema broke off: .*memory/);
    await thread.close();
  });

  test('counts what it does not list', async () => {
    const result = await check(JSON.stringify(Array.from({ length: 3000 }, () => 0)), { items: { type: 'string' } });
    expect(result.violations).toHaveLength(100);
    expect(result.detail).toBe('3000 violations');
  });
});
