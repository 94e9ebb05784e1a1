import { expect, test } from 'vitest';
import { countKinds, kindOf } from '../../../src/core/snapshot/kinds.ts';

test.each([
  ['models/a.safetensors', 'model'],
  ['A.ONNX', 'model'],
  ['a.tar.gz', 'archive'],
  ['conf.d/app.yaml', 'config'],
  ['x.proto', 'schema'],
  ['README', 'other'],
  ['.json', 'other'],
  ['dir.json/file', 'other'],
  ['a.', 'other'],
  ['a.__proto__', 'other'],
  ['a.constructor', 'other'],
  ['a.\xff', 'other'],
])('%j is of the kind %s', (path, kind) => expect(kindOf({ path, mode: 0o100644 })).toBe(kind));

test('links and empty directories are kinds of their own', () => {
  expect(kindOf({ path: 'a.json', mode: 0o120000 })).toBe('link');
  expect(kindOf({ path: 'a.json', mode: 0o040000 })).toBe('empty directory');
});

test('counts by kind, most bytes first, then most files, then by name', () => {
  const entry = (path: string, size: number, mode = 0o100644) => ({ path, size, mode });
  expect(
    countKinds([
      entry('a.json', 1),
      entry('b.yaml', 2),
      entry('c.onnx', 50),
      entry('d', 3),
      entry('e', 0, 0o040000),
      entry('f', 0, 0o120000),
    ]),
  ).toEqual([
    { kind: 'model', files: 1, bytes: 50 },
    { kind: 'config', files: 2, bytes: 3 },
    { kind: 'other', files: 1, bytes: 3 },
    { kind: 'empty directory', files: 1, bytes: 0 },
    { kind: 'link', files: 1, bytes: 0 },
  ]);
  expect(countKinds([])).toEqual([]);
});
