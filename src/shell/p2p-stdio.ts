import { AnnexError } from '../domain/errors.js';
import { parseUuid, type Uuid } from '../domain/uuid.js';
import type { OpenNode } from '../operations/serve/proxy/open-node.js';
import { serveRepository } from '../operations/serve/serve-repository.js';
import { serveServices } from '../operations/serve/serve-services.js';
import { serve } from '../protocol/serve.js';
import type { ServedServices } from '../protocol/served-services.js';
import { createStreamWire } from '../remotes/transport/stream-wire.js';
import type { Repository } from '../repository/repository.js';
import type { Limits } from './limits.js';
import type { ShellRequest } from './request.js';
import { withRepository } from './with-repository.js';

/**
 * Speaks the P2P protocol on the standard streams with the repository whose uuid is the second operand, for this repository or
 * for the one behind it that `--uuid` names.
 */
export async function p2pStdio(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  const client = clientUuid(request.operands[1]);
  const talk = async (repository: Repository, onChange: () => void): Promise<number> => {
    const wire = createStreamWire(process.stdin, process.stdout);
    const node = parseUuid(request.uuid ?? '');
    const open = async (uuid: Uuid) => {
      const { openNode } = await import('../operations/serve/proxy/open-node.js');
      const warn = (text: string) => void process.stderr.write(`${text}\n`);
      return openNode(repository, uuid, { client, onCancel: hangUp, warn });
    };
    if (node !== undefined && node !== repository.uuid) {
      const opened = await open(node);
      if (opened === undefined) throw notBehind(node, repository.uuid);
      return answering(() => serve(wire, opened.content, limits.access)).finally(opened.close);
    }
    const content = serveRepository({ repository, client, onChange, onCancel: hangUp });
    let behind: OpenNode | undefined;
    const services: ServedServices = {
      ...serveServices(repository, !limits.limited),
      async behind(asked) {
        const uuid = parseUuid(asked);
        if (uuid === repository.uuid) return content;
        if (uuid === undefined || behind !== undefined) return undefined;
        behind = await open(uuid);
        return behind?.content;
      },
    };
    return answering(() => serve(wire, content, limits.access, services)).finally(() => behind?.close());
  };
  // A client that waits for the first word would else be waited for.
  return withRepository(request, directory, limits, talk, true).finally(() => process.stdin.destroy());
}

async function answering(conversation: () => Promise<void>): Promise<number> {
  try {
    await conversation();
    return 0;
  } catch (error) {
    if (error instanceof AnnexError && error.code === 'connection-lost') return 1;
    throw error;
  } finally {
    process.stdin.destroy();
  }
}

function notBehind(expected: Uuid, found: Uuid): AnnexError {
  const sentence = `expected repository UUID ${expected} but found UUID ${found}, which is not configured to proxy for it`;
  return new AnnexError('remote-uuid-mismatch', sentence);
}

/** Ends the connection, also one whose client takes nothing any more. */
function hangUp(): void {
  process.stdin.destroy();
  process.stdout.destroy();
  setTimeout(() => process.exit(1), 1000).unref();
}

function clientUuid(given: string | undefined): Uuid {
  const uuid = asClientUuid(given);
  if (uuid !== undefined) return uuid;
  throw new AnnexError('usage', 'p2pstdio needs the uuid of the repository that speaks to this one');
}

/** The uuid of a client, which becomes a part of file names; undefined for anything else. */
export function asClientUuid(given: string | undefined): Uuid | undefined {
  return given !== undefined && /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(given) ? parseUuid(given) : undefined;
}
