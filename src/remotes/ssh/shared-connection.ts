import { createHash } from 'node:crypto';
import { closeSync, constants, existsSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { toPath } from '../../lib/buffers.js';
import { ascii, type ByteString } from '../../lib/bytes.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';
import { nativeLocks } from '../../repository/locks/fs-extensions.js';

/** One connection of the system's ssh that several of its processes use, ours and git-annex's. */
export interface SharedConnection {
  /** For ssh's command line, when ssh runs at the top of the repository. */
  readonly options: readonly ByteString[];
  /** Lets go of it; the last user ends it. */
  release(): Promise<void>;
}

export interface SharedConnectionOptions {
  /** `.git/annex`. */
  readonly annexDir: ByteString;
  /** Where ssh runs: socket paths are short as seen from there. */
  readonly top: ByteString;
  readonly destination: ByteString;
  readonly port: number | undefined;
}

/** Bytes of the longest path of a socket (`sun_path` on the systems where it is shortest), without the NUL. */
const longestSocketPath = 103;
/** ssh makes the socket under a name of its own first: a dot and 16 characters more. */
const temporarySuffix = 17;
/** Seconds after which an idle connection ends by itself, should whoever made it be killed. */
const idleSeconds = 600;

/**
 * Takes part in the connection that git-annex keeps below `.git/annex/ssh/` while it runs: a socket named after the
 * destination, and beside it a lock file that every user holds shared. Whoever gets it exclusively in the end stops the
 * connection (traced). Undefined where sockets can't be had: a path that is too long, a repository that can't be written.
 */
export async function shareConnection(
  options: SharedConnectionOptions,
): Promise<SharedConnection | undefined> {
  const folder = `${options.annexDir}/ssh` as ByteString;
  const place = socketPlace(folder, options);
  if (place === undefined) return undefined;
  const lock = await takeLock(folder, place.name);
  if (lock === undefined) return undefined;
  let released = false;
  return {
    options: [
      ascii('-S'),
      place.path,
      ascii('-o'),
      ascii('ControlMaster=auto'),
      ascii('-o'),
      ascii(`ControlPersist=${idleSeconds}`),
    ],
    async release() {
      if (released) return;
      released = true;
      nativeLocks().unlock(lock, 0, 0);
      try {
        if (nativeLocks().tryLock(lock, 0, 0, {})) await stop(folder, place.name);
      } finally {
        closeSync(lock);
      }
    },
  };
}

/** The socket's name, and its shortest path; a name that is too long is hashed, as git-annex does. */
function socketPlace(
  folder: ByteString,
  { destination, port, top }: SharedConnectionOptions,
): { readonly name: ByteString; readonly path: ByteString } | undefined {
  const plain = (port === undefined ? destination : `${destination}!${port}`) as ByteString;
  const hashed = createHash('md5').update(plain, 'latin1').digest('hex') as ByteString;
  for (const name of /^\.{1,2}$/.test(plain) ? [hashed] : [plain, hashed]) {
    const full = `${folder}/${name}` as ByteString;
    const path = (full.startsWith(`${top}/`) ? full.slice(top.length + 1) : full) as ByteString;
    if (path.length + temporarySuffix <= longestSocketPath) return { name, path };
  }
  return undefined;
}

/** Holds the lock file shared. Somebody who stops the connection holds it for a moment; that is waited for. */
async function takeLock(folder: ByteString, name: ByteString): Promise<number | undefined> {
  let descriptor: number;
  try {
    mkdirSync(toPath(folder), { recursive: true });
    descriptor = openSync(
      toPath(`${folder}/${name}.lock` as ByteString),
      constants.O_RDWR | constants.O_CREAT,
      0o666,
    );
  } catch {
    return undefined;
  }
  for (let tries = 0; tries < 100; tries++) {
    if (nativeLocks().tryLock(descriptor, 0, 0, { shared: true })) return descriptor;
    await setTimeout(50);
  }
  closeSync(descriptor);
  return undefined;
}

async function stop(folder: ByteString, name: ByteString): Promise<void> {
  const socket = toPath(`${folder}/${name}` as ByteString);
  if (!existsSync(socket)) return;
  const child = spawnBytes('ssh', ['-O', 'stop', '-S', name, '-o', 'ControlMaster=auto', 'localhost'], {
    cwd: folder,
    env: process.env,
    stdio: 'ignore',
  });
  await new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
  try {
    unlinkSync(socket);
  } catch {
    // ssh took it away, or there was none.
  }
}
