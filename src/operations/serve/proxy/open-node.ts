import { AnnexError } from '../../../domain/errors.js';
import { parseProxies, proxyLogPath } from '../../../domain/logs/proxy-log.js';
import { isClusterUuid, type Uuid } from '../../../domain/uuid.js';
import { toText } from '../../../lib/bytes.js';
import type { ServedContent } from '../../../protocol/served-content.js';
import { listRemotes } from '../../../remotes/list/list-remotes.js';
import type { RemoteEntry } from '../../../remotes/list/remote-entry.js';
import type { Repository } from '../../../repository/repository.js';
import { openRepository } from '../../open-repository.js';
import { httpNode } from './http-node.js';
import { localNode } from './local-node.js';
import { recordingContent } from './recording-content.js';
import { tellingNode } from './telling-node.js';
import { sshNode } from './ssh-node.js';

/** A repository behind a gateway, opened for one client. */
export interface OpenNode {
  readonly content: ServedContent;
  close(): Promise<void>;
}

export interface NodeOptions {
  /** The client's repository: transfers are noted under its uuid. */
  readonly client: Uuid;
  /** Called when a user of this machine cancels what is being sent or received. */
  readonly onCancel?: (() => void) | undefined;
  /** Told what the administrator of the gateway should know. */
  readonly warn: (text: string) => void;
}

/**
 * Opens a repository that a gateway proxies for: a remote of the gateway that proxy.log names in the gateway's own line. What
 * comes and goes there is recorded here too. Undefined when the gateway does not proxy for it.
 * @throws AnnexError when it does, but the repository can't be reached
 */
export async function openNode(
  gateway: Repository,
  uuid: Uuid,
  options: NodeOptions,
): Promise<OpenNode | undefined> {
  const proxied = parseProxies(await gateway.branch.read(proxyLogPath)).get(gateway.uuid) ?? [];
  if (!proxied.some((one) => one.uuid === uuid)) return undefined;
  if (isClusterUuid(uuid)) throw new AnnexError('remote-unavailable', 'this gateway serves no clusters yet');
  const { warn } = options;
  const entries = await listRemotes(gateway, { openRepository, warn });
  for (const { remote } of entries) await remote?.close();
  const candidates = entries.filter(({ settings }) => settings.uuid === uuid);
  const entry = candidates.find(({ settings }) => settings.contents.kind === 'local') ?? candidates[0];
  if (entry === undefined)
    throw new AnnexError('remote-unavailable', 'the gateway has no remote any more for this repository');
  const node = await reach(gateway, entry, uuid, options);
  const content = guarded(recordingContent(node.content, gateway, uuid), entry);
  return tellingNode({ ...node, content }, gateway);
}

async function reach(
  gateway: Repository,
  entry: RemoteEntry,
  uuid: Uuid,
  options: NodeOptions,
): Promise<OpenNode> {
  const { name, contents, address } = entry.settings;
  const identity = { name, uuid, cost: entry.settings.cost, readonly: entry.settings.readonly };
  if (contents.kind === 'local') return localNode(contents.path, uuid, options);
  if (contents.kind === 'ssh') {
    const via = entry.settings.gateway ?? name;
    return sshNode(gateway, { identity, url: contents.url, settingsOf: via, warn: options.warn });
  }
  if (contents.kind === 'http') {
    const gitUrl = address.kind === 'http' ? address.url : undefined;
    return httpNode(gateway, { identity, url: contents.url, gitUrl });
  }
  const kind = contents.kind === 'none' ? 'special remotes' : `${contents.kind} remotes`;
  throw new AnnexError(
    'remote-unavailable',
    `${toText(name)}: git-annex-ts cannot be a gateway to ${kind} yet`,
  );
}

/** The gateway's setting `annex-readonly` holds for its clients too. */
function guarded(content: ServedContent, { settings }: RemoteEntry): ServedContent {
  if (!settings.readonly) return content;
  const refuse = async (): Promise<never> => {
    throw new AnnexError('read-only', 'this repository is read-only; write access denied');
  };
  return { ...content, remove: refuse, receive: refuse };
}
