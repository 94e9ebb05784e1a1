import { describe, expect, test } from 'vitest';
import { utf8Encode } from '../../src/core/byte-string.ts';
import { type Content, EMPTY_DIRECTORY, runGate, sha256, subjectOf, told } from './subject.ts';

const GATE = { type: 'routing', files: ['routes.json'], targets: ['/routes/*/model'] };
const FILES = {
  'models/a.bin': 'a',
  'models/é.bin': 'b',
  link: { link: 'models/a.bin' },
  empty: EMPTY_DIRECTORY,
} as const;

async function route(table: unknown, gate: object = {}, files: Readonly<Record<string, Content>> = FILES) {
  const content = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [utf8Encode(path), bytes]));
  const bytes = typeof table === 'string' ? table : utf8Encode(JSON.stringify(table));
  return runGate({ ...GATE, ...gate }, subjectOf({ ...content, 'routes.json': bytes }));
}

const to = (...models: unknown[]) => ({ routes: models.map((model) => ({ model })) });

describe('a routing gate', () => {
  test('passes a table whose targets are all there', async () => {
    const result = await route(to('models/a.bin', 'models/é.bin', 'models/*.bin', '**/a.bin'));
    expect(result).toMatchObject({ verdict: 'pass', detail: '4 targets in 1 file', violations: [] });
    expect(JSON.parse(result.evidence)['files']).toEqual({
      'routes.json': sha256(utf8Encode(JSON.stringify(to('models/a.bin', 'models/é.bin', 'models/*.bin', '**/a.bin')))),
    });
  });

  test('follows several pointers, with stars for members of lists and of objects', async () => {
    const table = { routes: { x: { model: 'a.bin' }, 'y/~': { model: 'b.bin' } }, fallback: 'a.bin' };
    const gate = { targets: ['/routes/*/model', '/fallback'], base: 'models' };
    const result = await route(table, gate);
    expect(told(result)).toEqual(["routes.json#/routes/y~1~0/model: 'b.bin' is not there"]);
    expect(await route('["models/a.bin"]', { targets: ['/*'] })).toMatchObject({ verdict: 'pass' });
    expect(await route('"models/a.bin"', { targets: [''] })).toMatchObject({ verdict: 'pass' });
  });

  test.each<[string, unknown, string]>([
    ['a file that is not there', 'models/c.bin', "'models/c.bin' is not there"],
    ['a directory', 'models', "'models' is not there"],
    ['an empty directory', 'empty', "'empty' is not a regular file"],
    ['a link', 'link', "'link' is not a regular file"],
    ['an absolute path', '/models/a.bin', "'/models/a.bin' is an absolute path"],
    ['a path that climbs', 'models/../models/a.bin', "is not a path in the set: the name '..'"],
    ['a URL', 'https://example.org/a.bin', 'is a URL, not a path in the set'],
    ['a path with a query', 'models/a.bin?x=1', "'models/a.bin?x=1' is not there"],
    ['a glob that matches nothing', 'models/*.gguf', "no file matches 'models/*.gguf'"],
    ['no text', 7, 'is not a text'],
    ['nothing', null, 'is not a text'],
    ['controls', 'a\x1b[2J', "'a\\u{1b}[2J' is not there"],
    ['another case', 'models/A.bin', "'models/A.bin' is not there"],
  ])('fails %s', async (_, target, message) => {
    const result = await route(to('models/a.bin', target));
    expect(result.verdict).toBe('fail');
    expect(told(result)).toHaveLength(1);
    expect(told(result)[0]).toContain('routes.json#/routes/1/model: ');
    expect(told(result)[0]).toContain(message);
  });

  test('fails a pointer at which nothing is, and a table that is not there or no JSON', async () => {
    expect(told(await route({ routes: [] }))).toEqual(['routes.json#/routes/*/model: there is no such target']);
    expect(told(await route({ routes: [{ __proto__: { model: 'models/a.bin' } }] }))).toHaveLength(1);
    expect(told(await route('{', {}))[0]).toContain('routes.json: is not JSON');
    expect(told(await route(to('models/a.bin'), { files: ['other.json'] }))).toEqual(["no file matches 'other.json'"]);
  });

  test('does not hang on a glob that is made to', async () => {
    const files = { ...FILES, [`models/${'a'.repeat(3000)}`]: '' };
    const result = await route(to(`models/${'*a'.repeat(100)}b`), {}, files);
    expect(result.verdict).toBe('fail');
  });

  test('is an error when there are more globs than there is time for', async () => {
    const files = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f/${i}/${'a'.repeat(200)}`, '']));
    const globs = Array.from({ length: 20_000 }, (_, i) => `**/*a*${i}*b`);
    const result = await route(to(...globs), { timeout: 1 }, files);
    expect(result).toMatchObject({ verdict: 'error', detail: 'no verdict after 1 s, its time limit' });
  });
});
