import type { TrustAhead, TrustStatus } from '../../flows/policy/results.ts';
import { ask } from '../ask/confirm-changes.ts';
import { chooseAction } from '../choose-action.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { trustJson } from '../json/policy.ts';
import { renderPairs } from '../render/table.ts';
import { TRUST } from '../specs/policy.ts';
import { type Output, PLAIN } from '../terminal/output.ts';

/** `git snapshot trust`. */
export const trust = handle(TRUST, async (run) => {
  const { args, out, app } = run;
  const { action, argument = '' } = await chooseAction(TRUST, args);
  const { trust: flows } = await app();
  const confirm = args.yes
    ? undefined
    : (found: TrustStatus) => ask(run, { lines: wentBack(found), question: QUESTION });
  const accept = () => flows.accept({ confirm });
  const status = await { show: flows.show, pin: () => flows.pin(argument), accept }[action]();
  if (out.settings.json) out.json(trustJson(status));
  else out.lines(status.repository === undefined ? aheadLines(out, status) : statusLines(out, status));
  return DONE;
});

const QUESTION = 'Forget what was seen, and take what is here?';

function wentBack({ policy, log, seen }: TrustStatus): string[] {
  const event = log.event === undefined ? 'a log whose last commit is no event' : `event ${log.event}`;
  return renderPairs(PLAIN, [
    ['Seen before', seenText(seen)],
    ['Here now', `policy version ${policy.version}, ${event}`],
    ['Its policy', policy.digest],
  ]);
}

function seenText({ policyVersion, event }: TrustStatus['seen']): string {
  const parts = [
    ...(policyVersion === undefined ? [] : [`policy version ${policyVersion}`]),
    ...(event === undefined ? [] : [`event ${event}`]),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function aheadLines(out: Output, { root }: TrustAhead): string[] {
  return renderPairs(out, [
    ['Policy', 'none is here yet: "git snapshot fetch" brings it'],
    ['You trust', `${root.pinned}, and nothing else that may come here`],
  ]);
}

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
  return renderPairs(out, [
    ['Repository', repository],
    ['Policy', `version ${policy.version}, ${policy.digest}`],
    ['Begins with', root.found],
    ['You trust', verdict],
    ['Seen here', seenText(seen)],
  ]);
}
