import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Puts a few files into a directory: one of each kind of entry. */
export function fill(root: string): void {
  for (const dir of ['deep', 'gone', 'hollow']) mkdirSync(join(root, dir), { recursive: true });
  for (const path of ['one', 'deep/two', 'gone/three', 'mode']) writeFileSync(join(root, path), `old ${path}\n`);
  symlinkSync('one', join(root, 'link'));
}

/** Changes what {@link fill} made: one of each kind of change. */
export function change(root: string): void {
  writeFileSync(join(root, 'one'), 'new one\n');
  for (const path of ['gone', 'hollow', 'link']) rmSync(join(root, path), { recursive: true });
  mkdirSync(join(root, 'fresh'));
  writeFileSync(join(root, 'fresh/four'), 'new four\n');
  chmodSync(join(root, 'mode'), 0o600);
  symlinkSync('deep', join(root, 'link'));
}

/** Puts so many files into a directory that they go into a pack, and are read and written by threads. */
export function fillWithMany(root: string, count: number): void {
  for (let n = 0; n < count; n++) {
    mkdirSync(join(root, String(n % 4)), { recursive: true });
    writeFileSync(join(root, String(n % 4), String(n)), `number ${n}\n`);
  }
}
