import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { collectComplaints } from './complaints.js';
import type { RemoteCommand } from './transport.js';

/** Milliseconds that the error stream is waited for after the end: something left behind may keep it open. */
const patience = 1000;

/**
 * A command whose input and output are those of a child process, started with three pipes.
 * @param exitCode what the child's exit code says of the command; undefined for one that tells of a broken connection
 */
export function childCommand(
  child: ChildProcess,
  exitCode: (code: number) => number | undefined = (code) => code,
): RemoteCommand {
  const output = child.stdin as Writable;
  const input = child.stdout as Readable;
  const errors = child.stderr as Readable;
  const complaints = collectComplaints(errors);
  // Whoever writes hears of it, nobody else needs to.
  output.on('error', () => undefined);
  let failure = '';
  const exited = new Promise<number | undefined>((resolve) => {
    child.on('error', (error) => {
      failure = error.message;
      resolve(undefined);
    });
    child.on('exit', (code) => {
      const ended = (): void => {
        clearTimeout(timer);
        resolve(code === null ? undefined : exitCode(code));
      };
      const timer = setTimeout(ended, patience);
      // An ssh that stays behind for others keeps the stream open.
      if (code === 0 || errors.closed || errors.readableEnded) ended();
      else errors.on('close', ended).on('end', ended);
    });
  });
  return {
    input,
    output,
    exited,
    complaints: () => complaints() || failure,
    close() {
      output.destroy();
      input.destroy();
      if (child.exitCode === null && child.signalCode === null) child.kill();
    },
  };
}
