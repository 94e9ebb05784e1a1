import { SnapshotError } from '../../core/errors.ts';
import { type Message, parseMessage } from '../../core/snapshot/message.ts';

/**
 * The reason that was given, for a flow to ask for once nothing else that is known at once is in the way: whoever is told to
 * say why should not be refused for something else when they have.
 *
 * @throws {SnapshotError} of kind `usage`, when asked, if none was given: it is signed, and others judge by it
 */
export function giveReason(message: string | undefined): () => Message {
  return () => {
    if (message !== undefined && message.trim() !== '') return parseMessage(message);
    throw new SnapshotError('usage', 'no reason given', {
      hint: 'Say why with -m WHY: it is signed, and others read it.',
    });
  };
}
