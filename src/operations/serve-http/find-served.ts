import { existsSync } from 'node:fs';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { FoundRepository } from './find-repositories.js';
import type { ServedRepositoriesOptions } from './served-repositories.js';

/** Where the repositories are that a server serves. */
export type Finder = Pick<ServedRepositoriesOptions, 'find' | 'isKnown' | 'gateways'>;

/** Looks for repositories below folders: at first, and whenever a uuid is not known, but not more than once a second. */
export function createFinder(scan: () => Promise<Map<Uuid, FoundRepository>>, pause = 1000): Finder {
  let known = new Map<Uuid, FoundRepository>();
  let scanning: Promise<void> | undefined;
  let first: Promise<void> | undefined;
  const rescan = async () => {
    known = await scan();
    setTimeout(() => {
      scanning = undefined;
    }, pause).unref();
  };
  const look = (): Promise<void> => {
    scanning ??= rescan();
    first ??= scanning;
    return scanning;
  };
  const pathOf = (uuid: Uuid): ByteString | undefined => {
    const path = known.get(uuid)?.path;
    return path !== undefined && existsSync(toPath(path)) ? path : undefined;
  };
  return {
    async isKnown(uuid) {
      await (first ?? look());
      return pathOf(uuid) !== undefined;
    },
    async find(uuid) {
      const path = pathOf(uuid);
      if (path !== undefined) return path;
      const before = scanning;
      await look();
      if (before !== undefined && !known.has(uuid)) {
        // It may have come after that look at the folders.
        await new Promise((resolve) => setTimeout(resolve, pause));
        await look();
      }
      return known.get(uuid)?.path;
    },
    gateways: async () => [...known].filter(([, { mayBeGateway }]) => mayBeGateway).map(([uuid]) => uuid),
  };
}
