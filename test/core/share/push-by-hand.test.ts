import { expect, test } from 'vitest';
import { pushByHand, replaceLogByHand } from '../../../src/core/share/push-by-hand.ts';

test('commands can be typed as they are', () => {
  expect(pushByHand('origin', ['refs/snapshot-policy/current'])).toBe(
    'git push --no-verify origin refs/snapshot-policy/current',
  );
  expect(pushByHand("/srv/my repo's", ['+refs/a'])).toBe("git push --no-verify '/srv/my repo'\\''s' +refs/a");
  expect(replaceLogByHand('origin')).toMatch(
    /^git push --no-verify --atomic origin \+refs\/notes\/snapshots 'refs\/snapshots\/\*' .*'refs\/snapshot-policy\/\*'/,
  );
});
