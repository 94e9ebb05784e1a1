import type * as z from 'zod';
import { escapeText } from '../byte-string.ts';

type Issue = z.core.$ZodIssue;

/**
 * What a schema has found, for people: a line a fault, each beginning with the path of its field from the top. Fields that
 * there are not are named, and of a field that can be written in several ways the faults of the way that was tried.
 */
export function describeIssues(issues: readonly Issue[], above: readonly PropertyKey[] = []): string[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => describe([...path, key], 'is not a field of a policy'));
      case 'invalid_union':
        if (isOfNoWay(issue.errors) && issue.message !== 'Invalid input') return [describe(path, issue.message)];
        return describeIssues(likeliest(issue.errors), path);
      case 'invalid_key':
        return [describe(path, issue.issues[0]?.message ?? issue.message)];
      default:
        return [describe(path, boundText(issue) ?? plainly(issue.message))];
    }
  });
}

/** Whether the value is of another type than each way of writing, or another word: what there may be only the field can tell. */
function isOfNoWay(ways: readonly (readonly Issue[])[]): boolean {
  return ways.flat().every(({ path, code }) => path.length === 0 && ['invalid_type', 'invalid_value'].includes(code));
}

/** The way of writing that comes nearest: where the value is of another type altogether, there is one fault, and it has no path. */
function likeliest(ways: readonly (readonly Issue[])[]): readonly Issue[] {
  return (
    ways.find((issues) => issues.every(({ path, code }) => path.length > 0 || code !== 'invalid_type')) ?? ways[0] ?? []
  );
}

/** What is wrong with a number, a length or a count that is out of its bounds; undefined where the field has words of its own. */
function boundText(issue: Issue): string | undefined {
  if (issue.code === 'too_small' && issue.message.startsWith('Too small: ')) {
    const { origin, minimum } = issue;
    if (origin === 'string') return minimum === 1 ? 'is empty' : `is shorter than ${minimum} characters`;
    if (origin === 'array') return minimum === 1 ? 'has no entries' : `has fewer than ${minimum} entries`;
    return `is less than ${minimum}`;
  }
  if (issue.code === 'too_big' && issue.message.startsWith('Too big: ')) {
    const { origin, maximum } = issue;
    if (origin === 'string') return `is longer than ${maximum} characters`;
    return origin === 'array' ? `has more than ${maximum} entries` : `is more than ${maximum}`;
  }
  return undefined;
}

/** Whether a field is missing only its message tells: inputs are not reported. */
function plainly(message: string): string {
  return message.endsWith('received undefined') ? 'is missing' : message.replace(/^Invalid input: /, '');
}

function describe(path: readonly PropertyKey[], fault: string): string {
  return escapeText(`${path.map(String).join('.') || 'policy'}: ${fault}`);
}
