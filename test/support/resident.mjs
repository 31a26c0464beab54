// Runs commands of the built program one after the other in one process. Reads a request as a line of JSON from descriptor
// 3, writes the exit code as a line to descriptor 4. The next request is read when nothing is left to do, which is when a
// process of its own would have ended; what a command writes goes to this process's own stdout and stderr.
import { readSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from '../../dist/main.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Some commands start the program again.
const program = fileURLToPath(new URL('../../bin/git-annex-ts', import.meta.url));
const buffer = Buffer.alloc(1 << 16);
let answers = false;

process.on('beforeExit', () => {
  if (answers) writeSync(4, `${process.exitCode ?? 0}\n`);
  answers = true;
  process.exitCode = undefined;
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
  // No folder is kept busy meanwhile.
  process.chdir('/');
  const request = nextRequest();
  if (request === undefined) process.exit(0);
  process.chdir(request.cwd);
  process.argv = [process.execPath, program, ...request.args];
  for (const name of Object.keys(process.env)) if (!(name in request.env)) delete process.env[name];
  Object.assign(process.env, request.env);
  // Keeps the process, even if the command does nothing that takes a turn of the event loop.
  setImmediate(() => void main(request.args, root));
});

/** Blocks until there is one; undefined when nobody is left to ask. */
function nextRequest() {
  const chunks = [];
  while (!chunks.at(-1)?.endsWith('\n')) {
    const length = readSync(3, buffer);
    if (length === 0) return undefined;
    chunks.push(buffer.latin1Slice(0, length));
  }
  return JSON.parse(Buffer.from(chunks.join(''), 'latin1').toString('utf8'));
}
