import type { Repository } from '../../../repository/repository.js';
import { startTelling } from '../../tell-gateways/start-telling.js';
import type { OpenNode } from './open-node.js';

/** The same; when contents may have come or gone, the other gateways of the clusters here are told so in the end. */
export function tellingNode(node: OpenNode, gateway: Pick<Repository, 'settings' | 'location'>): OpenNode {
  const { content } = node;
  let changed = false;
  return {
    content: {
      ...content,
      remove(key, before) {
        changed = true;
        return content.remove(key, before);
      },
      receive(key, file) {
        changed = true;
        return content.receive(key, file);
      },
    },
    async close() {
      await node.close();
      if (changed) startTelling(gateway);
    },
  };
}
