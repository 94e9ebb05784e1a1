import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileKind, FileSystemCalls } from '../../src/portable/file-system.ts';

/** A copy of a directory in memory, and no more than a browser's file system has: text paths, and plain arrays of bytes. */
export class MemoryFiles {
  /** By path, from the directory on: `/HEAD`. */
  readonly files = new Map<string, Uint8Array>();
  /** How often each file was read. */
  readonly reads = new Map<string, number>();

  static copyOf(root: string): MemoryFiles {
    const copy = new MemoryFiles();
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const path = join(root, name);
      if (lstatSync(path).isFile()) copy.files.set(`/${name}`, new Uint8Array(readFileSync(path)));
    }
    return copy;
  }

  /** The calls, for a repository at `mount`. */
  at(mount: string): FileSystemCalls {
    const inside = (path: string) =>
      path === mount || path.startsWith(`${mount}/`) ? path.slice(mount.length) : '/../';
    const kind = async (path: string): Promise<FileKind> => {
      const bytes = this.files.get(inside(path));
      const directory = this.#isDirectory(inside(path));
      if (bytes === undefined && !directory) throw failure('ENOENT');
      return { size: bytes?.length ?? 0, isDirectory: () => directory, isSymbolicLink: () => false };
    };
    return {
      readFile: async (path) => {
        const bytes = this.files.get(inside(path));
        if (bytes === undefined) throw failure(this.#isDirectory(inside(path)) ? 'EISDIR' : 'ENOENT');
        this.reads.set(inside(path), (this.reads.get(inside(path)) ?? 0) + 1);
        return bytes;
      },
      readdir: async (path) => {
        const prefix = `${inside(path)}/`;
        const below = [...this.files.keys()].filter((name) => name.startsWith(prefix));
        if (below.length === 0) throw failure(this.files.has(inside(path)) ? 'ENOTDIR' : 'ENOENT');
        return [...new Set(below.map((name) => name.slice(prefix.length).split('/')[0] ?? ''))];
      },
      stat: kind,
      lstat: kind,
      readlink: async () => {
        throw failure('EINVAL');
      },
    };
  }

  #isDirectory(path: string): boolean {
    // A repository has these even where they are empty.
    if (['/refs', '/objects', '/objects/pack'].includes(path)) return true;
    return [...this.files.keys()].some((name) => name.startsWith(`${path}/`));
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
