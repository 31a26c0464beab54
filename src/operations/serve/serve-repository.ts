import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { plainly } from '../../protocol/outcome.js';
import type { ReceiveAnswer, Reception, ServedContent } from '../../protocol/served-content.js';
import { openIncoming } from '../../remotes/exchange/incoming.js';
import { openOutgoing } from '../../remotes/exchange/outgoing.js';
import { removeContents } from '../../remotes/local-git/remove-contents.js';
import { asAnnexError } from '../../remotes/local-git/system-errors.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import { clientsProof } from './clients-proof.js';

/** Seconds for which content stays that a client locked and then vanished. */
const RETENTION = 600;

export interface ServeOptions {
  readonly repository: Repository;
  /** The client's repository: transfers are noted under its uuid. */
  readonly client: Uuid;
  /** Called when content came or went: the hook `annex-content`. */
  readonly onChange: () => void;
  /** Seconds of the clock that all servers of the machine share and that never jumps; tests have their own. */
  readonly clock?: () => number;
  /** Whether content is sent although the same is being sent to the client already, unnoted then. Default: it is refused. */
  readonly sharedUploads?: boolean;
  /** Called when a user of this machine cancels what is being sent or received; a client that stands still is cut off then. */
  readonly onCancel?: (() => void) | undefined;
}

/** A local repository as clients of the P2P protocol see it. */
export function serveRepository(options: ServeOptions): ServedContent {
  const { repository, client, onChange, clock = monotonicSeconds, sharedUploads = false, onCancel } = options;
  const { objects, transfers } = repository;
  const named = (file: ByteString) => (file === '' ? undefined : file);

  return {
    uuid: repository.uuid,
    present: async (key) => objects.locate(key) !== undefined,
    now: () => Math.floor(clock()),
    lock: explained(async (key) => {
      const lock = objects.lockRetained(key, RETENTION);
      return lock && { release: async () => lock.release(), abandon: async () => lock.abandon() };
    }),
    remove: explained(async (key, before) => {
      if (objects.locate(key) === undefined) return plainly(true);
      const left = before === undefined ? undefined : before - clock();
      if (left !== undefined && left <= 0) return plainly(false);
      const expires = left === undefined ? undefined : performance.now() + left * 1000;
      const [result] = await removeContents(repository, [{ key, proof: clientsProof(key, client, expires) }]);
      if (result?.error === undefined) onChange();
      return plainly(result?.error === undefined);
    }),
    open: explained(async (key, offset, file) => {
      const transfer = { direction: 'upload', uuid: client, key } as const;
      const content = await orUndefined(
        openOutgoing(repository, { key, to: client, file: named(file), shared: sharedUploads, onCancel }),
        'content-missing',
        'content-modified',
        'transfer-in-progress',
      );
      return (
        content && {
          length: Math.max(0, content.size - offset),
          pieces: () => content.pieces(offset),
          recycle: content.recycle,
          unchanged: content.unchanged,
          async close(received) {
            if (received) transfers.forgetFailure(transfer);
            else if (received === undefined) transfers.recordFailure(transfer, named(file));
            content.close();
          },
        }
      );
    }),
    receive: explained(async (key, file, shared): Promise<ReceiveAnswer> => {
      if (objects.locate(key) !== undefined) return { kind: 'there', also: [] };
      const transfer = { direction: 'download', uuid: client, key } as const;
      const incoming = await orUndefined(
        openIncoming(repository, {
          key,
          from: client,
          file: named(file),
          verify: true,
          shared,
          ignoreReserve: false,
          onCancel,
        }),
        'transfer-in-progress',
      );
      if (incoming === undefined) return { kind: 'refused' };
      const failed = () => transfers.recordFailure(transfer, named(file));
      const reception: Reception = {
        offset: incoming.offset,
        write: explained(async (bytes) => incoming.write(bytes)),
        leave: incoming.leave,
        async discard() {
          failed();
          await incoming.discard();
        },
        finish: explained(async (confirmed) => {
          if (!(await incoming.admit(confirmed))) {
            failed();
            return plainly(false);
          }
          await objects.barrier();
          await recordLocations(repository, [key], repository.uuid, 'present');
          transfers.forgetFailure(transfer);
          onChange();
          return plainly(true);
        }),
      };
      return { kind: 'wanted', reception };
    }),
  };
}

/** The same, with an `AnnexError` for whatever the file system says. */
function explained<Arguments extends unknown[], Result>(
  action: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    try {
      return await action(...given);
    } catch (error) {
      throw asAnnexError(error, 'internal');
    }
  };
}

/** Undefined where an `AnnexError` with one of these codes is thrown. */
async function orUndefined<T>(opening: Promise<T>, ...codes: AnnexError['code'][]): Promise<T | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof AnnexError && codes.includes(error.code)) return undefined;
    throw error;
  }
}

/** Seconds since the machine started (CLOCK_MONOTONIC), which git-annex's servers count too. */
export function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
