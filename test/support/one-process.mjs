// Runs commands of the built program one after the other in one process, to spare a test Node's start for each. Reads an
// array of argument lists as JSON, writes an array of {status, stdout, stderr}, byte strings all of them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from '../../dist/main.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const write = process.stdout.write.bind(process.stdout);
const environment = { ...process.env };
const outcomes = [];
for (const argv of JSON.parse(readFileSync(0, 'utf8'))) {
  const captured = { stdout: [], stderr: [] };
  for (const name of ['stdout', 'stderr']) {
    process[name].write = (chunk, encoding, done) => {
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, encoding?.call ? 'utf8' : encoding) : chunk;
      captured[name].push(Buffer.from(bytes));
      const callback = encoding?.call ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
  }
  process.exitCode = 0;
  process.stdout.removeAllListeners('error');
  process.stderr.removeAllListeners('error');
  await main(argv, root);
  const text = (chunks) => Buffer.concat(chunks).toString('latin1');
  outcomes.push({ status: process.exitCode, stdout: text(captured.stdout), stderr: text(captured.stderr) });
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}
process.exitCode = 0;
write(JSON.stringify(outcomes), 'latin1');
