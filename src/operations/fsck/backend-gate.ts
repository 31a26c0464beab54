import { accessSync, constants } from 'node:fs';
import { parseBackend } from '../../domain/backends.js';
import type { Emit, Message } from '../../domain/events.js';
import { type Key, keyBackend } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { hashFunction } from '../../repository/objects/hashers.js';

/** Says which keys can be checked at all. */
export interface BackendGate {
  /** False: the backend is unknown, which was said. A missing external backend is said once. */
  admits(key: Key, name: Message[number]): Promise<boolean>;
}

export function createBackendGate(emit: Emit): BackendGate {
  const checkable = new Map<ByteString, boolean>();

  async function find(backend: ByteString): Promise<boolean> {
    const { type } = parseBackend(backend);
    if (type !== 'unknown' && type !== 'external') return true;
    if ((await hashFunction(backend)) !== undefined) return true;
    const program = `git-annex-backend-${backend}`;
    if (type === 'external' && !isInPath(program)) {
      const text = `Cannot run ${program} -- It is not installed in PATH (${process.env['PATH'] ?? ''})`;
      emit({ type: 'problem', message: [text] });
    }
    return type === 'external';
  }
  return {
    async admits(key, name) {
      const backend = keyBackend(key);
      let answer = checkable.get(backend);
      if (answer === undefined) {
        answer = await find(backend);
        checkable.set(backend, answer);
      }
      if (!answer) emit({ type: 'problem', message: ['skipping ', name, ` (unknown backend ${backend})`] });
      return answer;
    },
  };
}

function isInPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((directory) => {
    try {
      accessSync(`${directory}/${program}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
