import type { TrustStatus } from '../../flows/policy/results.ts';
import { chooseAction } from '../choose-action.ts';
import { DONE } from '../exit-codes.ts';
import { handle } from '../handler.ts';
import { trustJson } from '../json/policy.ts';
import { renderPairs } from '../render/table.ts';
import { TRUST } from '../specs/policy.ts';
import type { Output } from '../terminal/output.ts';

/** `git snapshot trust`. */
export const trust = handle(TRUST, async ({ args, out, app }) => {
  const { action, argument = '' } = await chooseAction(TRUST, args);
  const { trust: flows } = await app();
  const status = await { show: flows.show, pin: () => flows.pin(argument), accept: flows.accept }[action]();
  if (out.settings.json) out.json(trustJson(status));
  else out.lines(statusLines(out, status));
  return DONE;
});

function statusLines(out: Output, { repository, root, policy, seen }: TrustStatus): string[] {
  const verdict =
    root.pinned === undefined
      ? out.tone(
          'changed',
          'nothing is pinned: "git snapshot trust pin DIGEST", with the digest that its owner tells you',
        )
      : root.pinned === root.found
        ? out.tone('good', 'the one that is here')
        : out.tone('bad', `${root.pinned}, which is NOT the one that is here`);
  const parts = [
    ...(seen.policyVersion === undefined ? [] : [`policy version ${seen.policyVersion}`]),
    ...(seen.event === undefined ? [] : [`event ${seen.event}`]),
  ];
  return renderPairs(out, [
    ['Repository', repository],
    ['Policy', `version ${policy.version}, ${policy.digest}`],
    ['Begins with', root.found],
    ['You trust', verdict],
    ['Seen here', parts.length === 0 ? 'nothing' : parts.join(', ')],
  ]);
}
