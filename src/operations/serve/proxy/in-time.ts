import { AnnexError } from '../../../domain/errors.js';
import { settledWithin } from '../../../lib/settled-within.js';

/**
 * What a node answers, if it does so within so many milliseconds. Throws otherwise: a node that is silent must not keep the
 * others waiting.
 * @param late hears an answer that nobody waits for any more
 */
export async function inTime<T>(
  answer: Promise<T>,
  milliseconds: number,
  late: (answer: T) => void = () => undefined,
): Promise<T> {
  const settled = answer.then(
    () => undefined,
    () => undefined,
  );
  if (await settledWithin(settled, milliseconds)) return answer;
  answer.then(late, () => undefined);
  throw new AnnexError('remote-unavailable', 'it does not answer');
}
