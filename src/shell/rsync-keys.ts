import { rmSync } from 'node:fs';
import { AnnexError } from '../domain/errors.js';
import type { Key } from '../domain/key.js';
import { toPath } from '../lib/buffers.js';
import { type ByteString, fromText } from '../lib/bytes.js';
import { recordLocations } from '../remotes/record-locations.js';
import type { Repository } from '../repository/repository.js';
import type { Limits } from './limits.js';
import { asClientUuid } from './p2p-stdio.js';
import { keysOf, type ShellRequest } from './request.js';
import { runRsync } from './run-rsync.js';
import { withRepository } from './with-repository.js';

/** Lets an old client fetch a content with rsync. */
export async function sendKey(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  const key = onlyKey(request);
  return withRepository(request, directory, limits, (repository) =>
    transferring(repository, 'upload', key, request, async () => {
      const path = repository.objects.locate(key);
      const unmodified = async () => path !== undefined && (await repository.unlocked.unmodified(key, path));
      if (path === undefined || !(await unmodified()))
        throw new AnnexError('content-missing', 'requested key is not present');
      return (await runRsync('send', path)) && (await unmodified());
    }),
  );
}

/** Lets an old client send a content with rsync; it is kept when it is the key's. */
export async function receiveKey(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  const key = onlyKey(request);
  return withRepository(request, directory, limits, (repository, changed) =>
    transferring(repository, 'download', key, request, async () => {
      if (!(await receive(repository, key))) return false;
      changed();
      return true;
    }),
  );
}

async function receive(repository: Repository, key: Key): Promise<boolean> {
  const { objects } = repository;
  const path = objects.tmpPath(key);
  if (!(await runRsync('receive', path))) return false;
  if ((await objects.verify(key, path)) === false) {
    rmSync(toPath(path), { force: true });
    throw new AnnexError('content-corrupt', 'Verification of content failed');
  }
  await objects.admit(key, path);
  await objects.barrier();
  await recordLocations(repository, [key], repository.uuid, 'present');
  return true;
}

/** Holds the transfer's lock meanwhile, and notes a failure, when the client said which repository is its. */
async function transferring(
  { transfers }: Repository,
  direction: 'upload' | 'download',
  key: Key,
  { fields }: ShellRequest,
  transfer: () => Promise<boolean>,
): Promise<number> {
  const uuid = asClientUuid(fields.get('remoteuuid'));
  if (uuid === undefined) return (await transfer()) ? 0 : 1;
  const id = { direction, uuid, key };
  const file = associatedFile(fields);
  const lock = transfers.begin(id, file);
  if (lock === undefined) throw new AnnexError('transfer-in-progress', 'transfer already in progress');
  let done = false;
  try {
    done = await transfer();
    return done ? 0 : 1;
  } finally {
    if (done) transfers.forgetFailure(id);
    else transfers.recordFailure(id, file);
    lock.release();
  }
}

function associatedFile(fields: ReadonlyMap<string, string>): ByteString | undefined {
  const file = fields.get('associatedfile') ?? '';
  return file === '' || file.includes('\n') ? undefined : fromText(file);
}

function onlyKey(request: ShellRequest): Key {
  const [key] = keysOf(request);
  if (key === undefined) throw new AnnexError('usage', `${request.command} needs a key`);
  return key;
}
