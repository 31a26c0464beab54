import { readdirSync, readFileSync, statSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** The words of a process's command line; empty when it is gone or the system does not tell. */
export function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/**
 * How far a process has read a file that it has open, in bytes; the furthest of several. Undefined when it has not opened it,
 * or the system does not tell (others' processes, systems other than Linux). The process notices nothing of it.
 */
export function positionIn(pid: number, path: ByteString): number | undefined {
  const wanted = statSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  if (wanted === undefined) return undefined;
  let furthest: number | undefined;
  for (const name of descriptors(pid)) {
    try {
      const open = statSync(`/proc/${pid}/fd/${name}`, { bigint: true });
      if (open.ino !== wanted.ino || open.dev !== wanted.dev) continue;
      const position = /^pos:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${name}`, 'latin1'))?.[1];
      if (position !== undefined) furthest = Math.max(furthest ?? 0, Number(position));
    } catch {
      // Closed meanwhile.
    }
  }
  return furthest;
}

function descriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}
