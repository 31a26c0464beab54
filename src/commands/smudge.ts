import { DirectCommand } from './base/direct-command.js';

export default class Smudge extends DirectCommand {
  static override summary = 'git filter driver for annexed files';
  static override description =
    'Started by git: smudge FILE, smudge --clean FILE; and by the hooks that init installs: smudge --update.';
}
