import { quoteText } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { isName } from '../../core/refs.ts';

/** Which promotion is meant: the one that waits in an environment, or a certain one. */
export interface PromotionName {
  readonly environment: string;
  readonly number: number | undefined;
}

/** Reads `production` or `production/7`. @throws {SnapshotError} of kind `usage` */
export function parsePromotionName(text: string): PromotionName {
  const [environment = '', number, ...rest] = text.split('/');
  const isNumber = number === undefined || /^[1-9][0-9]{0,8}$/.test(number);
  if (isName(environment) && isNumber && rest.length === 0)
    return { environment, number: number === undefined ? undefined : Number(number) };
  throw new SnapshotError('usage', `${quoteText(text)} does not name a promotion`, {
    hint: 'Name its environment, or environment/number: production/7; another set with --set.',
  });
}
