import type { Uuid } from '../../../domain/uuid.js';
import type { ServedContent } from '../../../protocol/served-content.js';
import { recordLocations } from '../../../remotes/record-locations.js';
import type { Repository } from '../../../repository/repository.js';

/** The same content; that a key came or went there is recorded in the gateway as well, once it is true. */
export function recordingContent(
  content: ServedContent,
  gateway: Pick<Repository, 'branch' | 'objects' | 'uuid'>,
  uuid: Uuid,
): ServedContent {
  return {
    ...content,
    async remove(key, before) {
      const gone = await content.remove(key, before);
      if (gone) await recordLocations(gateway, [key], uuid, 'absent');
      return gone;
    },
    async receive(key, file) {
      const reception = await content.receive(key, file);
      if (reception === undefined) return undefined;
      return {
        ...reception,
        async finish(confirmed) {
          const kept = await reception.finish(confirmed);
          if (kept) await recordLocations(gateway, [key], uuid, 'present');
          return kept;
        },
      };
    },
  };
}
