// Records what git-annex-shell answers to sessions of every message of the P2P protocol in every version, each in a fresh
// copy of one repository: `node test/golden/record-shell.mjs` writes shell-sessions.json beside itself.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT, CONTENT, FILE, sessions } from './sessions.mjs';

const folder = mkdtempSync(join(tmpdir(), 'record-'));
const env = { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'T', GIT_AUTHOR_EMAIL: 't@e' };
Object.assign(env, { GIT_COMMITTER_NAME: 'T', GIT_COMMITTER_EMAIL: 't@e' });
const run = (cwd, ...command) => execFileSync(command[0], command.slice(1), { cwd, env, stdio: 'pipe' });

const start = join(folder, 'start');
run(folder, 'git', 'init', '-q', start);
run(start, 'git', 'annex', 'init', '-q', 'server');
writeFileSync(join(start, FILE), CONTENT);
run(start, 'git', 'annex', 'add', '-q', FILE);
run(start, 'git', 'commit', '-qm', FILE);
const uuid = String(run(start, 'git', 'config', 'annex.uuid')).trim();

const recorded = sessions.map((session) => {
  const server = join(folder, 'copy');
  run(folder, 'cp', '-a', start, server);
  const { status, stdout } = spawnSync('git-annex-shell', ['p2pstdio', server, CLIENT], {
    cwd: folder,
    env: { ...env, ...session.env },
    input: Buffer.from(session.input, 'latin1'),
    encoding: 'latin1',
    timeout: 20_000,
  });
  const left = leftIn(server);
  run(folder, 'chmod', '-R', 'u+w', server);
  rmSync(server, { recursive: true });
  const output = stdout.replaceAll(uuid, 'SERVER').replace(/^TIMESTAMP \d+$/gm, 'TIMESTAMP 0');
  return { ...session, output, status, ...left };
});
run(folder, 'chmod', '-R', 'u+w', start);
rmSync(folder, { recursive: true });
writeFileSync(
  fileURLToPath(new URL('shell-sessions.json', import.meta.url)),
  `${JSON.stringify(recorded, null, 2)}\n`,
);

/** The contents that are whole, partial, and noted as failed. */
function leftIn(server) {
  const files = readdirSync(join(server, '.git/annex'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(server, '.git/annex/').length));
  const names = (start) =>
    files.filter((file) => file.startsWith(start) && !/\.(lck|rtm|rtl)$|\/lck\./.test(file)).sort();
  return {
    contents: names('objects/').map((file) => file.slice(file.lastIndexOf('/') + 1)),
    partial: names('tmp/').map((file) => file.slice('tmp/'.length)),
    failed: names('transfer/failed/').map((file) => file.slice('transfer/failed/'.length)),
  };
}
