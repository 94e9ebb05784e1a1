/**
 * Does asynchronous work on every item, `atOnce` of them at a time: as soon as one is done, the next begins.
 *
 * @returns what became of each, in order
 * @throws what the first of them throws; those that were begun go on unheeded
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const lane = async () => {
    // All lanes take from the same iterator.
    for (const [i, item] of waiting) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
