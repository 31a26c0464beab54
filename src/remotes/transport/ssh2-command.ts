import { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { collectComplaints } from './complaints.js';
import type { RemoteCommand } from './transport.js';

/** Pieces (of at most 32 KiB) read ahead of whoever takes them; the library's own window is 2 MiB. */
const readAhead = 64;
/** Milliseconds for which output is waited for after the end. */
const patience = 1000;

/** A command on a channel of a connection. Its exit code stays unknown when the connection is lost. */
export function channelCommand(channel: ClientChannel): RemoteCommand {
  const complaints = collectComplaints(channel.stderr);
  channel.on('error', () => undefined);
  const input = readableOf(channel);
  let code: number | undefined;
  const exited = new Promise<number | undefined>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      resolve(code);
    };
    channel.on('exit', (status: number | null) => {
      code = status ?? undefined;
      timer = setTimeout(end, patience);
    });
    channel.on('close', end);
  });
  return {
    input,
    output: channel,
    exited,
    complaints,
    close() {
      input.destroy();
      channel.close();
    },
  };
}

/**
 * Only the reading half: whoever is done with reading would otherwise end the writing too. Pieces stay as they came: a stream
 * of bytes would copy those that wait into one.
 */
function readableOf(channel: ClientChannel): Readable {
  const options = { objectMode: true, highWaterMark: readAhead };
  const input = new Readable({ ...options, read: () => void channel.resume() });
  let ended = false;
  const end = (): void => {
    if (!ended && !input.destroyed) input.push(null);
    ended = true;
  };
  channel.on('data', (chunk: Buffer) => {
    if (!ended && !input.destroyed && !input.push(chunk)) channel.pause();
  });
  channel.on('end', end);
  channel.on('close', end);
  channel.pause();
  return input;
}
