import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { isExecutable } from '../../repository/objects/lockdown.js';
import type { Settings } from '../../repository/settings/settings.js';

/**
 * The programs that are told what a sync changed: `annex-ts.changed-command`, a shell command, which only git config can set
 * (settings from files never name programs), then the executable `hooks/annex-changed` of the git directory.
 */
export function changedPrograms(settings: Settings, commonDir: ByteString): string[][] {
  const command = settings.get('annex-ts.changed-command');
  const hook = `${toText(commonDir)}/hooks/annex-changed`;
  const programs: string[][] = [];
  if (command !== undefined && command !== '') programs.push(['/bin/sh', '-c', toText(command)]);
  if (isExecutable(hook)) programs.push([hook]);
  return programs;
}
