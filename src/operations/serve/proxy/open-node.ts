import type { Uuid } from '../../../domain/uuid.js';
import type { ServedContent } from '../../../protocol/served-content.js';
import type { Repository } from '../../../repository/repository.js';
import { createGateway, type GatewayOptions } from './gateway.js';
import type { NodeClient } from './kept-node.js';

/** A repository behind a gateway, opened for one client. */
export interface OpenNode {
  readonly content: ServedContent;
  close(): Promise<void>;
}

export interface NodeOptions extends NodeClient, GatewayOptions {}

/**
 * Opens a repository or a cluster that a gateway proxies for, for one client alone; what serves many keeps a gateway itself.
 * Undefined when the gateway does not proxy for it.
 * @throws AnnexError when it does, but the repository can't be reached
 */
export async function openNode(
  repository: Repository,
  uuid: Uuid,
  options: NodeOptions,
): Promise<OpenNode | undefined> {
  const gateway = createGateway(repository, options);
  try {
    const content = await gateway.serve(uuid, options);
    if (content !== undefined) return { content, close: gateway.close };
  } catch (error) {
    await gateway.close();
    throw error;
  }
  await gateway.close();
  return undefined;
}
