import { AnnexError } from '../../../domain/errors.js';
import type { Uuid } from '../../../domain/uuid.js';
import type { ByteString } from '../../../lib/bytes.js';
import { openRepository } from '../../open-repository.js';
import { createContentHook } from '../content-hook.js';
import { serveRepository } from '../serve-repository.js';
import type { NodeOptions, OpenNode } from './open-node.js';

/** A repository on a path of this machine: it is opened in this process. */
export async function localNode(
  path: ByteString,
  uuid: Uuid,
  { client, onCancel }: NodeOptions,
): Promise<OpenNode> {
  const repository = await openRepository(path);
  const hook = createContentHook(repository.location);
  const close = async () => {
    await repository.close();
    await hook.run();
  };
  if (repository.uuid !== uuid) {
    await close();
    const found = `expected repository UUID ${uuid} but found UUID ${repository.uuid}`;
    throw new AnnexError('remote-uuid-mismatch', found);
  }
  return { content: serveRepository({ repository, client, onChange: hook.changed, onCancel }), close };
}
