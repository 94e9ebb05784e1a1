import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { BytePath } from '../../src/core/entry.ts';
import type { Oid } from '../../src/core/oid.ts';
import type { LiveEntry, TargetEntry } from '../../src/core/rollback/plan.ts';
import type { FileStat } from '../../src/core/workdir.ts';

/** What a directory is to hold, by path (bytes): `file` with its mode, `link` to a target, or an empty `dir`. */
export type DirectoryState = Readonly<Record<BytePath, { file: string; mode?: number } | { link: string } | 'dir'>>;

const bytes = (path: string) => Buffer.from(path, 'latin1');

/** Makes a directory that holds just that. */
export function makeDirectory(root: string, state: DirectoryState): void {
  mkdirSync(bytes(root), { recursive: true });
  for (const [path, what] of Object.entries(state)) {
    const full = bytes(`${root}/${path}`);
    if (what === 'dir') mkdirSync(full, { recursive: true });
    else {
      mkdirSync(bytes(`${root}/${path}`.replace(/\/[^/]*$/, '')), { recursive: true });
      if ('link' in what) symlinkSync(bytes(what.link), full);
      else {
        writeFileSync(full, bytes(what.file));
        chmodSync(full, what.mode ?? 0o644);
      }
    }
  }
}

/** One line for everything below a directory, in order: type, permissions, path, content. Shares no code with what it judges. */
export function describeDirectory(root: string): string[] {
  const lines: string[] = [];
  const walk = (dir: string) => {
    const names = readdirSync(bytes(`${root}/${dir}`), { encoding: 'latin1' });
    if (names.length === 0 && dir !== '') lines.push(`dir ${dir}`);
    for (const name of names) {
      const path = dir === '' ? name : `${dir}/${name}`;
      const full = bytes(`${root}/${path}`);
      const stat = lstatSync(full);
      if (stat.isDirectory()) walk(path);
      else if (stat.isSymbolicLink()) lines.push(`link ${path} -> ${readlinkSync(full, { encoding: 'latin1' })}`);
      else
        lines.push(
          `file ${(stat.mode & 0o7777).toString(8)} ${path} ${createHash('sha256').update(readFileSync(full)).digest('hex')}`,
        );
    }
  };
  walk('');
  return lines.sort();
}

/** The lines that {@link describeDirectory} would give for a state. */
export function describeState(state: DirectoryState): string[] {
  return Object.entries(state)
    .map(([path, what]) => {
      if (what === 'dir') return `dir ${path}`;
      if ('link' in what) return `link ${path} -> ${what.link}`;
      return `file ${(what.mode ?? 0o644).toString(8)} ${path} ${createHash('sha256').update(bytes(what.file)).digest('hex')}`;
    })
    .sort();
}

/** What git calls content. */
export function nameContent(content: string): Oid {
  return createHash('sha1').update(`blob ${content.length}\0`).update(bytes(content)).digest('hex') as Oid;
}

/** A state as a rollback's target. */
export function targetEntries(state: DirectoryState): TargetEntry[] {
  return Object.entries(state)
    .map(([path, what]) => {
      if (what === 'dir') return { path, mode: 0o040000, oid: nameContent(''), size: 0 };
      const content = 'link' in what ? what.link : what.file;
      const mode = 'link' in what ? 0o120000 : 0o100000 | (what.mode ?? 0o644);
      return { path, mode, oid: nameContent(content), size: content.length };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A directory's entries, sorted, as a scan would give them. */
export function scanDirectory(root: string, excluded: readonly BytePath[] = []): LiveEntry[] {
  const entries: LiveEntry[] = [];
  const walk = (dir: string): number => {
    const names = readdirSync(bytes(`${root}/${dir}`), { encoding: 'latin1' });
    for (const name of names) {
      const path = dir === '' ? name : `${dir}/${name}`;
      if (excluded.includes(path)) continue;
      const full = bytes(`${root}/${path}`);
      const stat = lstatSync(full, { bigint: true });
      if (stat.isDirectory()) {
        if (walk(path) === 0)
          entries.push({ path, mode: 0o040000, oid: nameContent(''), size: 0, stat: fileStat(stat) });
      } else {
        const content = stat.isSymbolicLink()
          ? readlinkSync(full, { encoding: 'latin1' })
          : readFileSync(full, 'latin1');
        const mode = stat.isSymbolicLink() ? 0o120000 : Number(stat.mode);
        entries.push({ path, mode, oid: nameContent(content), size: content.length, stat: fileStat(stat) });
      }
    }
    return names.length;
  };
  walk('');
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function fileStat(stat: BigIntStats): FileStat {
  return {
    ctimeSec: Number(stat.ctimeNs / 1_000_000_000n),
    ctimeNsec: Number(stat.ctimeNs % 1_000_000_000n),
    mtimeSec: Number(stat.mtimeNs / 1_000_000_000n),
    mtimeNsec: Number(stat.mtimeNs % 1_000_000_000n),
    dev: Number(stat.dev),
    ino: Number(stat.ino),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    mode: Number(stat.mode),
    nlink: Number(stat.nlink),
  };
}

/** Stands in for the object store: writes the contents of a state to where they belong, by their names. */
export function restoreFrom(
  state: DirectoryState,
  blobs: readonly { oid: Oid; destination: string; permissions: number; symlink: boolean }[],
): void {
  const contents = new Map(
    Object.values(state).map((what) => {
      const content = what === 'dir' ? '' : 'link' in what ? what.link : what.file;
      return [nameContent(content), content];
    }),
  );
  for (const { oid, destination, permissions, symlink } of blobs) {
    const content = contents.get(oid);
    if (content === undefined) throw new Error(`no content ${oid}`);
    if (symlink) symlinkSync(bytes(content), bytes(destination));
    else {
      writeFileSync(bytes(destination), bytes(content), { flag: 'wx' });
      chmodSync(bytes(destination), permissions);
    }
  }
}
