import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { ServedContent } from '../../protocol/served-content.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import { asAnnexError } from '../../remotes/local-git/system-errors.js';
import type { Session } from '../transfer/session.js';
import { openNode } from '../serve/proxy/open-node.js';
import { serveRepository } from '../serve/serve-repository.js';

/** The gateway and the nodes of a cluster, as contents are brought from one to the other. */
export interface FillPlaces {
  /** The nodes that can be sent to, in the order in which they are asked what they want. */
  readonly nodes: readonly Uuid[];
  name(uuid: Uuid): ByteString;
  /** Those of some repositories that can be read from, the nearest first. */
  sources(uuids: ReadonlySet<Uuid>): Uuid[];
  /** Opened when it is first asked for. Throws `AnnexError`, the same one each time, when it is out of reach. */
  content(uuid: Uuid): Promise<ServedContent>;
  /** A repository is out of reach; it is not tried again. */
  lost(uuid: Uuid, error: AnnexError): void;
  close(): Promise<void>;
}

/** Of several remotes for one node the cheapest counts. Nothing is opened here. */
export function fillPlaces(session: Session, all: ReadonlySet<Uuid>): FillPlaces {
  const { here, entries, context, policy } = session;
  const found = new Map<Uuid, RemoteEntry>();
  for (const entry of [...entries].sort((a, b) => a.settings.cost - b.settings.cost)) {
    const { uuid, ignore } = entry.settings;
    if (uuid === undefined || !all.has(uuid) || ignore || policy.trust(uuid) === 'dead') continue;
    if (!found.has(uuid)) found.set(uuid, entry);
  }
  const opened = new Map<Uuid, Promise<ServedContent>>();
  const closing: (() => Promise<void>)[] = [];
  const warn = (text: string) => context.emit({ type: 'warning', text });

  const open = async (uuid: Uuid): Promise<ServedContent> => {
    if (uuid === here.uuid) {
      return serveRepository({ repository: here, client: here.uuid, onChange: () => undefined });
    }
    try {
      const node = await openNode(here, uuid, { client: here.uuid, warn });
      if (node === undefined) throw new AnnexError('remote-unavailable', 'it is not proxied for');
      closing.push(() => node.close());
      return node.content;
    } catch (error) {
      throw asAnnexError(error, 'remote-unavailable');
    }
  };

  return {
    nodes: [...found].flatMap(([uuid, { settings }]) => (settings.readonly ? [] : [uuid])),
    name: (uuid) => found.get(uuid)?.settings.name ?? (uuid === here.uuid ? ('here' as ByteString) : uuid),
    sources: (uuids) => [here.uuid, ...found.keys()].filter((uuid) => uuids.has(uuid)),
    content(uuid) {
      const content = opened.get(uuid) ?? open(uuid);
      content.catch(() => undefined);
      opened.set(uuid, content);
      return content;
    },
    lost(uuid, error) {
      const name = toText(found.get(uuid)?.settings.name ?? uuid);
      const reason = new AnnexError('remote-unavailable', `${name}: ${error.message}`);
      const failed = Promise.reject<ServedContent>(reason);
      failed.catch(() => undefined);
      opened.set(uuid, failed);
    },
    async close() {
      for (const end of closing) await end();
    },
  };
}
