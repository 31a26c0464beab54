import { accessSync, constants } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { shellOutput } from '../settings/shell-output.js';
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
      const printed = command === undefined ? undefined : await shellOutput(command, top);
      return printed === undefined || printed.trim() === '' ? undefined : printed;
    },
    async updated() {
      const command = find('post-update-annex', 'annex.post-update-command');
      if (command !== undefined) process.stderr.write((await shellOutput(command, top)) ?? '', 'latin1');
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
