/** All that it has are methods that give promises. */
type Asynchronous<T> = { readonly [Name in keyof T]: (...args: never[]) => Promise<unknown> };

/**
 * Stands for a part of the app until the first of its methods is called, and then loads it: a command uses one part or
 * none, and must not wait for the others.
 */
export function lazily<T extends Asynchronous<T>>(load: () => Promise<T>): T {
  const call = (name: keyof T) => async (args: never[]) => (await load())[name](...args);
  // Which methods there are is not known before it is loaded; that callers use no others is what the type is for.
  return new Proxy({} as T, {
    get: (_, name) => {
      // What an async function gives back is asked for this, to see whether it is a promise itself.
      if (name === 'then') return undefined;
      return (...args: never[]) => call(name as keyof T)(args);
    },
  });
}
