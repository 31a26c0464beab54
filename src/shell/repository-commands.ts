import { dropKey } from './drop-key.js';
import { inAnnex } from './in-annex.js';
import type { Limits } from './limits.js';
import { notifyChanges } from './notify-changes.js';
import { p2pStdio } from './p2p-stdio.js';
import type { ShellRequest } from './request.js';
import { receiveKey, sendKey } from './rsync-keys.js';

/** Answers a request about the repository in a directory; gives the exit code. */
export type Command = (request: ShellRequest, directory: string, limits: Limits) => Promise<number>;

/** The commands that open a repository: they share most of their code, and so are one file of the built program. */
export const repositoryCommands = {
  p2pstdio: p2pStdio,
  notifychanges: notifyChanges,
  inannex: inAnnex,
  sendkey: sendKey,
  recvkey: receiveKey,
  dropkey: dropKey,
} satisfies Readonly<Record<string, Command>>;
