import { DirectCommand } from './base/direct-command.js';

export default class PreCommit extends DirectCommand {
  static override summary = 'run by the git pre-commit hook';
  static override description = 'Corrects links to annexed files that were moved, before they are committed.';
}
