import { AnnexError } from '../../../domain/errors.js';
import type { Uuid } from '../../../domain/uuid.js';
import type { ServedContent } from '../../../protocol/served-content.js';
import { lazyContent } from './lazy-content.js';

/** A repository as it is reached one way. */
export interface Way {
  /** The other gateway that it leads through. */
  readonly gateway: Uuid | undefined;
  readonly content: ServedContent;
}

/**
 * A repository by the first of several ways that does not lead back to where a client comes from, so that gateways which
 * call one another for it come to an end.
 * @param client the repository that asks: what it could reach by itself is no way
 */
export function routedContent(uuid: Uuid, ways: readonly Way[], client: Uuid): ServedContent {
  const usable = (passedBy: readonly string[]) =>
    ways.find(({ gateway }) => gateway === undefined || (gateway !== client && !passedBy.includes(gateway)));
  let way = usable([]);
  const content = lazyContent(uuid, async () => {
    if (way !== undefined) return way.content;
    throw new AnnexError(
      'remote-unavailable',
      'the only way to this repository leads back to another gateway',
    );
  });
  return {
    ...content,
    bypass(uuids) {
      way = usable(uuids);
      way?.content.bypass?.(uuids);
    },
  };
}
