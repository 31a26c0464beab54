import { DirectCommand } from './base/direct-command.js';

export default class BackgroundSync extends DirectCommand {
  static override summary = 'sync after a commit, in the background';
  static override description =
    'Started by the post-commit hook that `git annex-ts init --hooks` installs. Waits until no further commit comes and no other ' +
    'sync of the repository runs, then syncs without committing. Commits made meanwhile are part of it: no second process waits.\n\n' +
    'What happens is written to annex/annex-ts/sync.log in the git directory, which becomes sync.log.1 when it is full (256 KiB). ' +
    'Remotes that failed recently are left alone for a while.';
}
