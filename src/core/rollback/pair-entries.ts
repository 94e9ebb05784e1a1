import type { BytePath } from '../entry.ts';

interface AnyPath {
  readonly path: BytePath;
}

/** Goes through two lists, sorted by path, in step: what has no counterpart stands alone. */
export function* pairs<A extends AnyPath, B extends AnyPath>(
  live: readonly A[],
  wanted: readonly B[],
): Iterable<{ was?: A; entry?: B }> {
  let i = 0;
  let k = 0;
  for (;;) {
    const was = live[i];
    const entry = wanted[k];
    if (was === undefined && entry === undefined) return;
    if (entry === undefined || (was !== undefined && was.path < entry.path)) {
      if (was !== undefined) yield { was };
      i++;
    } else if (was === undefined || entry.path < was.path) {
      yield { entry };
      k++;
    } else {
      yield { was, entry };
      i++;
      k++;
    }
  }
}

/** Entries gathered under the path that one step is about, in the order of first mention. */
export class Groups<E> {
  readonly #byPath = new Map<BytePath, { path: BytePath; tree: boolean; members: E[] }>();
  size = 0;

  add(path: BytePath, tree: boolean, member: E): void {
    const group = this.#byPath.get(path);
    if (group === undefined) this.#byPath.set(path, { path, tree, members: [member] });
    else group.members.push(member);
    this.size++;
  }

  list(): { path: BytePath; tree: boolean; members: E[] }[] {
    return [...this.#byPath.values()];
  }
}
