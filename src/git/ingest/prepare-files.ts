import type { ByteString } from '../../core/byte-string.ts';
import type { ObjectFormat } from '../../core/oid.ts';
import type { UnsteadyFiles } from '../../core/ports.ts';
import type { FileStat } from '../../core/workdir.ts';
import { readFile } from '../files/read-file.ts';
import type { ContentRoom } from '../objects/content-room.ts';
import { nameContent } from '../objects/object-entry.ts';
import type { DeflateInto } from '../pack/deflater.ts';
import { EntryRoom } from '../pack/entry-room.ts';
import { LARGE_BYTES } from '../pack/pack-format.ts';
import type { PackSet } from '../pack/pack-set.ts';

/** A batch of files to read, hash and deflate. Joined strings, since those cross to a thread fastest. */
export interface PrepareTask {
  readonly kind: 'prepare';
  readonly root: ByteString;
  /** Joined by NUL. */
  readonly paths: string;
  /** Joined by spaces, '' where not known. */
  readonly knownOids: string;
  /** Whether pack entries are wanted. */
  readonly store: boolean;
  readonly unsteady: UnsteadyFiles;
  /** Memory of entries that are of no use any more, for those of this batch. */
  readonly memory?: ArrayBuffer | undefined;
}

/** What became of a batch. All by the file's place in it. */
export interface PreparedFiles {
  readonly kind: 'prepare';
  /** Joined by spaces; '' for a large file, of which the stat alone was taken; {@link GONE} for one that is no more. */
  readonly oids: string;
  readonly sha256s: string;
  /** As many numbers a file as {@link statAt} reads. */
  readonly stats: Float64Array;
  /** Pack entries, one after the other. */
  readonly entries: Uint8Array;
  /** Length of each file's entry; 0 where none was made. */
  readonly lengths: Uint32Array;
  readonly crcs: Uint32Array;
}

const STAT_FIELDS = 11;

/** What stands for the name of a file that is gone, where such are left out. */
export const GONE = '-';

/** What a thread prepares files with. */
export interface PrepareTools {
  readonly format: ObjectFormat;
  readonly packs: PackSet;
  readonly room: ContentRoom;
  readonly deflateInto: DeflateInto;
}

/** Prepares a batch. Objects that a pack has already get no entry. */
export function prepareFiles(task: PrepareTask, { format, packs, room, deflateInto }: PrepareTools): PreparedFiles {
  const buffer = room.take(LARGE_BYTES + 1);
  const paths = task.paths.split('\0');
  const known = task.knownOids.split(' ');
  const stats = new Float64Array(paths.length * STAT_FIELDS);
  const lengths = new Uint32Array(paths.length);
  const crcs = new Uint32Array(paths.length);
  const oids: string[] = [];
  const sha256s: string[] = [];
  const entries = task.store ? new EntryRoom(task.memory) : undefined;
  for (const [i, path] of paths.entries()) {
    const file = readFile({ root: task.root, path, unsteady: task.unsteady }, buffer);
    if (file === undefined) {
      oids.push(GONE);
      sha256s.push('');
      continue;
    }
    putStat(stats, i, file.stat);
    if (file.content === undefined) {
      oids.push('');
      sha256s.push('');
      continue;
    }
    // The target of a link comes in memory of its own.
    const isInRoom = file.content.buffer === buffer.buffer && file.content.byteOffset === buffer.byteOffset;
    const { oid, sha256 } = isInRoom ? room.name(file.content.length) : nameContent(format, file.content);
    oids.push(oid);
    sha256s.push(sha256);
    if (entries === undefined || oid === known[i] || packs.keeps(oid)) continue;
    const { length, crc } = entries.add('blob', file.content, deflateInto);
    lengths[i] = length;
    crcs[i] = crc;
  }
  return {
    kind: 'prepare',
    oids: oids.join(' '),
    sha256s: sha256s.join(' '),
    stats,
    entries: entries?.entries ?? new Uint8Array(),
    lengths,
    crcs,
  };
}

/** The stat of the file at place `i`. */
export function statAt(stats: Float64Array, i: number): FileStat {
  const at = (field: number) => compact(stats[i * STAT_FIELDS + field] ?? 0);
  return {
    ctimeSec: at(0),
    ctimeNsec: at(1),
    mtimeSec: at(2),
    mtimeNsec: at(3),
    dev: at(4),
    ino: at(5),
    uid: at(6),
    gid: at(7),
    size: at(8),
    mode: at(9),
    nlink: at(10),
  };
}

/** The same number. One that comes from such an array takes 16 bytes, each for itself; what is a small integer need not. */
function compact(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}

function putStat(stats: Float64Array, i: number, s: FileStat): void {
  stats.set(
    [s.ctimeSec, s.ctimeNsec, s.mtimeSec, s.mtimeNsec, s.dev, s.ino, s.uid, s.gid, s.size, s.mode, s.nlink],
    i * STAT_FIELDS,
  );
}
