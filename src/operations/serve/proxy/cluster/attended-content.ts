import { keySize } from '../../../../domain/key.js';
import { arrivalAt } from '../../../../protocol/arrival.js';
import type { Reception, ServedContent } from '../../../../protocol/served-content.js';
import { checkingTime, resumingTime } from '../answer-time.js';
import { inTime } from '../in-time.js';

/**
 * The same content, for which nobody waits longer than it may take: a node that is silent must not keep the others waiting. How
 * it takes the bytes of a content is seen to elsewhere.
 * @param patience milliseconds for an answer before which nothing has to be read
 */
export function attendedContent(content: ServedContent, patience: number): ServedContent {
  return {
    ...content,
    present: (key) => inTime(content.present(key), patience),
    remove: (key, before) => inTime(content.remove(key, before), patience),
    arrived: (key) => inTime(arrivalAt(content, key), patience),
    open: (key, offset, file) =>
      inTime(content.open(key, offset, file), patience, (late) => {
        late?.close(undefined).catch(() => undefined);
      }),
    async receive(key, file, shared) {
      const time = resumingTime(key, patience);
      const answer = await inTime(content.receive(key, file, shared), time, (late) => {
        if (late.kind === 'wanted') late.reception.leave().catch(() => undefined);
      });
      if (answer.kind !== 'wanted') return answer;
      return { kind: 'wanted', reception: attendedReception(answer.reception, keySize(key) ?? 0, patience) };
    },
  };
}

function attendedReception(reception: Reception, size: number, patience: number): Reception {
  let bytes = size;
  return {
    ...reception,
    async begin(length) {
      bytes = Math.max(bytes, reception.offset + length);
      await reception.begin?.(length);
    },
    finish: (confirmed) => inTime(reception.finish(confirmed), checkingTime(bytes, patience)),
  };
}
