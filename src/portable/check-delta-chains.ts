import { MalformedError } from '../core/errors.ts';

const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;
const NAME_BYTES = 20;
/** Where names begin in an index of version 2: after its signature, its version, and 256 counts. */
const NAMES_AT = 8 + 256 * 4;

/**
 * Demands that every delta of a pack is over another object of the pack, and that no chain of them runs in a circle:
 * isomorphic-git would follow it for ever. Looks at the beginning of each object, and inflates nothing.
 *
 * @param pack - the pack with its index of version 2
 * @param what - names the pack in errors
 * @throws {MalformedError}
 */
export function checkDeltaChains({ pack, index }: { pack: Uint8Array; index: Uint8Array }, what: string): void {
  const fault = (reason: string) => new MalformedError(what, reason);
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  const count = index.length < NAMES_AT ? 0 : view.getUint32(NAMES_AT - 4);
  const offsetsAt = NAMES_AT + count * (NAME_BYTES + 4);
  if (index.length < offsetsAt + count * 4) throw fault('its index is cut short');

  const offsetOf = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const name = nameAt(index, NAMES_AT + i * NAME_BYTES);
    const offset = view.getUint32(offsetsAt + i * 4);
    if (offset >= pack.length) throw fault('an object lies beyond its end');
    offsetOf.set(name, offset);
  }
  const baseOf = new Map<number, number | undefined>();
  for (const offset of offsetOf.values()) baseOf.set(offset, baseAt(pack, offset, offsetOf));

  const sound = new Set<number>();
  for (const start of baseOf.keys()) {
    const chain = new Set<number>();
    for (let at: number | undefined = start; at !== undefined && !sound.has(at); at = baseOf.get(at)) {
      if (!baseOf.has(at)) throw fault('a delta is over an object that is not in it');
      if (chain.has(at)) throw fault('its deltas run in a circle');
      chain.add(at);
    }
    for (const at of chain) sound.add(at);
  }
}

/** Where the base of a delta is: undefined for an object that is none, -1 for a base that cannot be. */
function baseAt(pack: Uint8Array, start: number, offsetOf: ReadonlyMap<string, number>): number | undefined {
  let at = start;
  const first = pack[at++] ?? 0;
  // The size of the object, which is not looked at.
  for (let byte = first; byte & 0x80; ) byte = pack[at++] ?? 0;
  const type = (first >> 4) & 7;
  if (type === REFERENCE_DELTA) return offsetOf.get(nameAt(pack, at)) ?? -1;
  if (type !== OFFSET_DELTA) return undefined;
  let byte = pack[at++] ?? 0;
  let distance = byte & 0x7f;
  while (byte & 0x80 && distance <= start) {
    byte = pack[at++] ?? 0;
    distance = (distance + 1) * 128 + (byte & 0x7f);
  }
  return distance > 0 && distance <= start ? start - distance : -1;
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + NAME_BYTES));
}
