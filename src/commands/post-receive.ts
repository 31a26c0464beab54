import { DirectCommand } from './base/direct-command.js';

export default class PostReceive extends DirectCommand {
  static override summary = 'run by the git post-receive hook';
  static override description = 'Merges what was pushed to synced/git-annex, and fills in unlocked files.';
}
