import type * as z from 'zod';

type Place = readonly PropertyKey[];

/**
 * A written policy without what a schema refused, as far as nothing else can depend on it: fields that there are not, and
 * single rules of gates, environments and retention. Of what is left, more can be told at once.
 */
export function withoutFaults(written: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const places = issues.flatMap((issue): Place[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...issue.path, key]);
    const place = ruleAt(issue.path);
    return place === undefined ? [] : [place];
  });
  return without(written, places);
}

/** The rule that a fault is in, where it is one without which all others are as they were. */
function ruleAt(path: Place): Place | undefined {
  const [top, second, third, fourth] = path;
  if (top === 'gates' || top === 'environments') return third === undefined || third === 'roles' ? undefined : path;
  if (top === 'retention') return second === undefined ? undefined : [top, second];
  if (top === 'sets' && third === 'retention' && fourth !== undefined) return path.slice(0, 4);
  return top === 'expires' || top === 'holds' || top === 'mirrorTags' ? [top] : undefined;
}

/** A copy of a value, less the parts at these places. */
function without(value: unknown, places: readonly Place[]): unknown {
  if (places.length === 0 || typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).flatMap(([name, part]) => {
    const inside = places.filter(([first]) => String(first) === name).map(([, ...rest]) => rest);
    return inside.some((place) => place.length === 0) ? [] : [[name, without(part, inside)] as const];
  });
  return Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}
