/** All that it has are methods that give promises. */
type Asynchronous<T> = { readonly [Name in keyof T]: (...args: never[]) => Promise<unknown> };

/**
 * Makes a part of the app that is loaded when the first of its methods is called: a command uses one part or none, and must
 * not wait for the others.
 *
 * @param names - every method of the part, since it cannot be asked before it is loaded
 */
export function lazily<T extends Asynchronous<T>>(
  names: { readonly [Name in keyof T]-?: true },
  load: () => Promise<T>,
): T {
  const call = (name: keyof T) => async (args: never[]) => (await load())[name](...args);
  const methods = Object.keys(names).map((name) => [name, (...args: never[]) => call(name as keyof T)(args)]);
  // Just the methods that the type has: `names` would not have passed with one more, or one less.
  return Object.fromEntries(methods) as T;
}
