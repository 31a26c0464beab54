import { AnnexError } from '../domain/errors.js';
import type { Uuid } from '../domain/uuid.js';
import { fromText } from '../lib/bytes.js';
import { openRepository } from '../operations/open-repository.js';
import { createContentHook } from '../operations/serve/content-hook.js';
import { serveRepository } from '../operations/serve/serve-repository.js';
import { serve } from '../protocol/serve.js';
import { createStreamWire } from '../remotes/transport/stream-wire.js';
import type { Limits } from './limits.js';
import type { ShellRequest } from './request.js';

/** Speaks the P2P protocol on the standard streams with the repository whose uuid is the second operand. */
export async function p2pStdio(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  const client = clientUuid(request.operands[1]);
  const repository = await openRepository(fromText(directory), { autoInit: limits.access !== 'read' });
  const hook = createContentHook(repository.location);
  try {
    if (request.uuid !== undefined && request.uuid !== repository.uuid) {
      const sentence = `expected repository UUID ${request.uuid} but found UUID ${repository.uuid}`;
      throw new AnnexError('remote-uuid-mismatch', sentence);
    }
    const content = serveRepository({ repository, client, onChange: hook.changed });
    await serve(createStreamWire(process.stdin, process.stdout), content, limits.access);
    return 0;
  } catch (error) {
    if (error instanceof AnnexError && error.code === 'connection-lost') return 1;
    throw error;
  } finally {
    process.stdin.destroy();
    await repository.close();
    hook.run();
  }
}

/** It becomes a part of file names. */
function clientUuid(given: string | undefined): Uuid {
  if (given !== undefined && /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(given)) return fromText(given) as Uuid;
  throw new AnnexError('usage', 'p2pstdio needs the uuid of the repository that speaks to this one');
}
