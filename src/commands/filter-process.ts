import { DirectCommand } from './base/direct-command.js';

export default class FilterProcess extends DirectCommand {
  static override summary = 'long running git filter process';
  static override description =
    'Started by git for files with the attribute filter=annex; not for use by hand.';
}
