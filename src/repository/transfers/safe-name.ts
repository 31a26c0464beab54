import type { Uuid } from '../../domain/uuid.js';

/** A uuid as the name of a folder: one from a hostile log may not lead out of where it belongs. */
export function safeName(uuid: Uuid): string {
  return uuid === '.' || uuid === '..' ? `_${uuid}` : uuid.replaceAll('/', '_');
}
