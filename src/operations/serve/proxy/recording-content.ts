import type { Key } from '../../../domain/key.js';
import type { Uuid } from '../../../domain/uuid.js';
import { arrivalAt } from '../../../protocol/arrival.js';
import type { Reception, ServedContent } from '../../../protocol/served-content.js';
import { recordLocations } from '../../../remotes/record-locations.js';
import type { Repository } from '../../../repository/repository.js';

/** The same content; that a key came or went there is recorded in the gateway as well, once it is true. */
export function recordingContent(
  content: ServedContent,
  gateway: Pick<Repository, 'branch' | 'objects' | 'uuid'>,
  uuid: Uuid,
  onRecord: () => void,
): ServedContent {
  const record = async (key: Key, state: 'present' | 'absent') => {
    await recordLocations(gateway, [key], uuid, state);
    onRecord();
  };
  return {
    ...content,
    async remove(key, before) {
      const outcome = await content.remove(key, before);
      if (outcome.success) await record(key, 'absent');
      return outcome;
    },
    async arrived(key) {
      const outcome = await arrivalAt(content, key);
      if (outcome.success) await record(key, 'present');
      return outcome;
    },
    async receive(key, file) {
      const answer = await content.receive(key, file);
      if (answer.kind !== 'wanted') return answer;
      const { reception } = answer;
      const recording: Reception = {
        ...reception,
        async finish(confirmed) {
          const outcome = await reception.finish(confirmed);
          if (outcome.success) await record(key, 'present');
          return outcome;
        },
      };
      return { kind: 'wanted', reception: recording };
    },
  };
}
