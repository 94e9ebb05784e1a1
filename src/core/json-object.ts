/**
 * An object from JSON; undefined for a text that is none. For files that we wrote, and that anything may have happened to since:
 * by hand, and not with zod, which takes longer to load than most commands to run.
 */
export function readJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
