import type { BytePath } from '../../core/entry.ts';

/** Entries in one of these directories, or such an empty one itself, and the others. The root, `''`, holds all. */
export function splitByDirectory<E extends { readonly path: BytePath }>(
  entries: readonly E[],
  directories: readonly BytePath[],
): [within: E[], outside: E[]] {
  if (directories.includes('')) return [[...entries], []];
  // What is below a directory stands together, where the directory's name with a slash would stand.
  const itself = new Set(directories);
  const prefixes = directories.map((directory) => `${directory}/`).sort();
  const within: E[] = [];
  const outside: E[] = [];
  let next = 0;
  for (const entry of entries) {
    while (
      next < prefixes.length &&
      (prefixes[next] ?? '') < entry.path &&
      !entry.path.startsWith(prefixes[next] ?? '')
    )
      next += 1;
    const isBelow = next < prefixes.length && entry.path.startsWith(prefixes[next] ?? '');
    (isBelow || itself.has(entry.path) ? within : outside).push(entry);
  }
  return [within, outside];
}
