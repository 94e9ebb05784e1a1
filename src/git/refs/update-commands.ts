import type { ByteString } from '../../core/byte-string.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { Repository } from '../open-repository.ts';
import { nullOid } from './ask-for-refs.ts';

/** What `git update-ref --stdin -z` is told of updates: each from where it has to be, to where it goes. */
export function updateCommands(repository: Repository, updates: readonly RefUpdate[]): ByteString {
  const none = nullOid(repository);
  return updates.map(({ name, from, to }) => `update ${name}\0${to ?? none}\0${from ?? none}\0`).join('');
}
