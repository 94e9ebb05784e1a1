import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { Gate } from '../../src/core/policy/gate-schema.ts';
import { runGate, sha256, subjectOf, told } from './subject.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/gates.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
const Example = z.object({ gates: z.record(z.string(), Gate) });
const examples = blocks('yaml').flatMap((text) => Object.entries(Example.parse(parse(text)).gates));

test('the examples are gates, one of each type', () => {
  const types = Gate.options.map(({ shape }) => shape.type.value);
  expect([...new Set(examples.map(([, { type }]) => type))].toSorted()).toEqual(types.toSorted());
});

test('the examples of JSON pass the gates that they stand with', async () => {
  const [index = '', routing = ''] = blocks('json');
  const gateOf = (name: string) => examples.findLast(([found]) => found === name)?.[1];
  const files = { 'models/a/weights.bin': 'test', 'models/index.json': index };
  expect(sha256('test')).toBe('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');
  expect(told(await runGate(gateOf('models-indexed'), subjectOf(files)))).toEqual([]);
  const routes = { ...files, 'models/b/x.bin': '', 'routing.json': routing };
  expect(told(await runGate(gateOf('routes'), subjectOf(routes)))).toEqual([]);
});
