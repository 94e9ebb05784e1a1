/** What the program needs, as README.md and package.json say. */
const MIN_GIT = [2, 34];
const MIN_NODE_20 = [20, 19];
const MIN_NODE = [22, 12];

/** Whether a version of git will do, such as `2.39.5` or `2.39.3 (Apple Git-146)`. */
export function isGitEnough(version: string): boolean {
  return isAtLeast(numbersOf(version), MIN_GIT);
}

/** Whether a version of node will do, such as `v20.20.2`. */
export function isNodeEnough(version: string): boolean {
  const numbers = numbersOf(version);
  return isAtLeast(numbers, numbers[0] === 20 ? MIN_NODE_20 : MIN_NODE);
}

function numbersOf(version: string): number[] {
  const [, major = '', minor = ''] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
}

function isAtLeast(
  [major = 0, minor = 0]: readonly number[],
  [leastMajor = 0, leastMinor = 0]: readonly number[],
): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
