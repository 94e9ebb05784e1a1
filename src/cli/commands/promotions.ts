import { escapeText } from '../../core/byte-string.ts';
import type { PromotionInfo } from '../../flows/promotion/results.ts';
import { DONE } from '../exit-code.ts';
import { handle } from '../handler.ts';
import { promotionJson } from '../json/promotion.ts';
import { nameOf } from '../render/promotion.ts';
import { type Column, renderTable } from '../render/table.ts';
import { formatMinute } from '../render/times.ts';
import { PROMOTIONS } from '../specs/promoting.ts';

/** `git snapshot promotions`. */
export const promotions = handle(PROMOTIONS, async ({ args, out, app }) => {
  const { set, environment, limit, pending } = args;
  const infos = await (await app()).promotion.list({ set, environment, limit, pending });
  if (out.settings.json) out.json(infos.map(promotionJson));
  else if (infos.length === 0) out.note(pending ? 'no promotion waits' : 'no promotions');
  else out.lines(renderTable(out, columns(infos), infos));
  return DONE;
});

function columns(infos: readonly PromotionInfo[]): Column<PromotionInfo>[] {
  const manySets = new Set(infos.map(({ set }) => set)).size > 1;
  return [
    {
      title: 'PROMOTION',
      tone: 'changed',
      text: (info) => (manySets ? `${info.set}/${nameOf(info)}` : nameOf(info)),
    },
    {
      title: 'STATUS',
      text: ({ status, breakGlass, holds }) =>
        [status, ...(breakGlass ? ['break glass'] : []), ...(holds ? ['on hold'] : [])].join(', '),
    },
    { title: 'SNAPSHOT', text: ({ snapshot }) => snapshot },
    { title: 'ACTION', spare: true, text: ({ action }) => action },
    { title: 'BY', text: ({ promoter }) => escapeText(promoter) },
    { title: 'AT', spare: true, text: ({ atSec }) => formatMinute(atSec) },
    {
      title: 'APPROVALS',
      text: ({ tally: { approved, needed } }) => (needed === 0 ? 'none needed' : `${approved.length}/${needed}`),
    },
    { title: 'WHY', text: ({ reason }) => escapeText(reason) },
  ];
}
