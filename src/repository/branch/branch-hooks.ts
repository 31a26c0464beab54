import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { gitEnvironment } from '../git/environment.js';
import type { Settings } from '../settings/settings.js';

/**
 * Programs the user wants run around commits to the branch: a hook script, or the command of a setting where there is no
 * script. They run in the top folder; what they print for people goes to stderr.
 */
export interface BranchHooks {
  /** What `commitmessage-annex` or `annex.commitmessage-command` prints; undefined when there is none, or it failed. */
  commitMessage(): Promise<ByteString | undefined>;
  /** Runs `post-update-annex` or `annex.post-update-command`. */
  updated(): Promise<void>;
}

export function createBranchHooks(
  settings: Pick<Settings, 'get'>,
  commonDir: ByteString,
  top: ByteString,
): BranchHooks {
  const folder = settings.get('core.hookspath') ?? (`${commonDir}/hooks` as ByteString);
  const find = (script: string, setting: string): ByteString | undefined => {
    const path = `${folder.startsWith('/') ? folder : `${top}/${folder}`}/${script}` as ByteString;
    return isProgram(path) ? (`'${path.replaceAll("'", `'\\''`)}'` as ByteString) : settings.get(setting);
  };
  return {
    async commitMessage() {
      const command = find('commitmessage-annex', 'annex.commitmessage-command');
      const printed = command === undefined ? undefined : await runCommand(command, top);
      return printed === undefined || printed.trim() === '' ? undefined : printed;
    },
    async updated() {
      const command = find('post-update-annex', 'annex.post-update-command');
      if (command !== undefined) process.stderr.write((await runCommand(command, top)) ?? '', 'latin1');
    },
  };
}

function isProgram(path: ByteString): boolean {
  try {
    accessSync(toPath(path), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Output of a shell command; undefined when it fails. Given on stdin, so that it may have any bytes. */
async function runCommand(command: ByteString, top: ByteString): Promise<ByteString | undefined> {
  const script = `cd -- '${top.replaceAll("'", `'\\''`)}' && { ${command}\n}\n`;
  const child = spawn('/bin/sh', ['-s'], { env: gitEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(script, 'latin1');
  const exitCode = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 128));
  });
  return exitCode === 0 ? fromBuffer(Buffer.concat(chunks)) : undefined;
}
