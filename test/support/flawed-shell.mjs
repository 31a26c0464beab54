import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Stands between a gateway and the shell of a node, and dies or falls silent in their conversation: before anything goes on after
 * so many bytes that the gateway says, or bytes or lines that the node says.
 * `flawed-shell.mjs FLAW SHELL ARGUMENT...`; the file FLAW has `{ "of": "input" | "output" | "lines", "after": 3, "does": "dies" |
 * "hangs" }`, or `{}` for none.
 */
const [flaw, shell, ...args] = process.argv.slice(2);
const { of, after = 0, does } = JSON.parse(readFileSync(flaw, 'utf8'));
const child = spawn(shell, args, { stdio: ['pipe', 'pipe', 'inherit'] });
let left = after;

function end() {
  child.kill('SIGKILL');
  process.exit(1);
}
for (const stream of [process.stdout, child.stdin]) stream.on('error', end);
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, end);
// Nobody ends it where it does not listen.
const parent = process.ppid;
setInterval(() => process.ppid === parent || end(), 100).unref();

/** How much of a piece may pass. */
function passing(piece, units) {
  if (!units.includes(of)) return piece.length;
  let length = 0;
  for (; length < piece.length && left > 0; length++) if (of !== 'lines' || piece[length] === 10) left--;
  return length;
}
function relay(from, to, units) {
  from.on('data', (piece) => {
    const length = passing(piece, units);
    if (length > 0) to.write(piece.subarray(0, length));
    if (length === piece.length) return;
    if (does === 'dies') end();
    from.pause();
    setInterval(() => undefined, 1000);
  });
  from.on('end', () => to.end());
}
relay(process.stdin, child.stdin, ['input']);
relay(child.stdout, process.stdout, ['output', 'lines']);
child.on('close', () => process.exit(0));
