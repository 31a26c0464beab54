import type { Uuid } from '../../../domain/uuid.js';
import type { ServedContent } from '../../../protocol/served-content.js';
import { monotonicSeconds } from '../serve-repository.js';

/** Content of a repository of this machine that is opened when it is asked for something. */
export function lazyContent(uuid: Uuid, open: () => Promise<ServedContent>): ServedContent {
  return {
    uuid,
    now: () => Math.floor(monotonicSeconds()),
    present: async (key) => (await open()).present(key),
    lock: async (key) => (await open()).lock(key),
    remove: async (key, before) => (await open()).remove(key, before),
    open: async (key, offset, file) => (await open()).open(key, offset, file),
    receive: async (key, file, shared) => (await open()).receive(key, file, shared),
  };
}
