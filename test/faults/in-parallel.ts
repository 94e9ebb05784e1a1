/** Does the work of all items, so many at a time, in their order. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, k: number) => Promise<void>,
  { atOnce = 2 }: { atOnce?: number } = {},
): Promise<void> {
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
