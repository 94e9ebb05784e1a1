import type { ByteString } from '../../core/byte-string.ts';

/** Everything in a tar file is a multiple of this. */
export const BLOCK_BYTES = 512;

/** Type flags of the entries that we write and read: a pax header is about the entry that follows it. */
export const TYPE = { file: '0', link: '2', directory: '5', pax: 'x' } as const;

/** One header of a tar file, as its fields say it. */
export interface TarHeader {
  readonly path: ByteString;
  /** Permission bits. */
  readonly permissions: number;
  readonly size: number;
  readonly atSec: number;
  readonly type: string;
  /** Target of a link. */
  readonly target: ByteString;
}

const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
// Eleven octal digits.
const MAX_SIZE = 0o77777777777;
const MAX_TIME_SEC = 0o77777777777;

/** Offsets and lengths of the fields of a ustar header. */
export const FIELDS = {
  name: [0, NAME_BYTES],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  time: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  target: [157, NAME_BYTES],
  magic: [257, 8],
  userName: [265, 32],
  groupName: [297, 32],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
  prefix: [345, PREFIX_BYTES],
} as const;

/** What must stand in `magic`: ustar, version 00. */
const MAGIC: ByteString = 'ustar\x0000';

/** The blocks of a header: one, or three and more where something does not fit and a pax header comes first. */
export function encodeTarHeader(header: TarHeader): Buffer {
  const split = splitPath(header.path);
  const records: [string, ByteString][] = [];
  if (split === undefined) records.push(['path', header.path]);
  if (header.target.length > NAME_BYTES) records.push(['linkpath', header.target]);
  if (header.size > MAX_SIZE) records.push(['size', String(header.size)]);
  const fitting = {
    ...header,
    ...(split ?? { prefix: '', name: header.path.slice(0, NAME_BYTES) }),
    target: header.target.slice(0, NAME_BYTES),
    size: header.size > MAX_SIZE ? 0 : header.size,
  };
  if (records.length === 0) return block(fitting);
  const pax = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(''), 'latin1');
  const paxHeader = { ...fitting, prefix: '', name: 'pax_header', permissions: 0o644, size: pax.length };
  return Buffer.concat([
    block({ ...paxHeader, type: TYPE.pax, target: '' }),
    pax,
    Buffer.alloc(paddingOf(pax.length)),
    block(fitting),
  ]);
}

/** How many bytes follow content of this size, up to a whole block. */
export function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** The sum over the bytes of a header, with blanks for the checksum itself. */
function checksumOf(header: Uint8Array): number {
  const [start, length] = FIELDS.checksum;
  let sum = 0x20 * length;
  for (let i = 0; i < BLOCK_BYTES; i++) if (i < start || i >= start + length) sum += header[i] ?? 0;
  return sum;
}

/** The path in two parts with a slash between them, the first as short as may be; undefined where it fits in no way. */
function splitPath(path: ByteString): { prefix: ByteString; name: ByteString } | undefined {
  if (path.length <= NAME_BYTES) return { prefix: '', name: path };
  // The slash at the very end of a directory's name is no place to cut.
  const cut = path.indexOf('/', path.length - NAME_BYTES - 1);
  if (cut <= 0 || cut > PREFIX_BYTES || cut >= path.length - 1) return undefined;
  return { prefix: path.slice(0, cut), name: path.slice(cut + 1) };
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: ByteString): ByteString {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function block({
  name,
  prefix,
  permissions,
  size,
  atSec,
  type,
  target,
}: Omit<TarHeader, 'path'> & { name: ByteString; prefix: ByteString }): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const put = ([start]: readonly [number, number], text: ByteString) => header.write(text, start, 'latin1');
  const octal = (number: number, [, length]: readonly [number, number]) => number.toString(8).padStart(length - 1, '0');
  put(FIELDS.name, name);
  put(FIELDS.mode, octal(permissions, FIELDS.mode));
  put(FIELDS.uid, octal(0, FIELDS.uid));
  put(FIELDS.gid, octal(0, FIELDS.gid));
  put(FIELDS.size, octal(size, FIELDS.size));
  put(FIELDS.time, octal(Math.min(Math.max(atSec, 0), MAX_TIME_SEC), FIELDS.time));
  put(FIELDS.type, type);
  put(FIELDS.target, target);
  put(FIELDS.magic, MAGIC);
  put(FIELDS.deviceMajor, octal(0, FIELDS.deviceMajor));
  put(FIELDS.deviceMinor, octal(0, FIELDS.deviceMinor));
  put(FIELDS.prefix, prefix);
  put(FIELDS.checksum, `${checksumOf(header).toString(8).padStart(6, '0')}\0 `);
  return header;
}
