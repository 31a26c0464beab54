import { DirectCommand } from './base/direct-command.js';

export default class TellGateways extends DirectCommand {
  static override summary = "tell a cluster's other gateways what is recorded here";
  static override description =
    'Started in the background by the gateway of a cluster that has more of them, when contents came or went through it. ' +
    'Commits what is recorded, pushes the git-annex branch to the other gateways (remotes with the setting annex-cluster-gateway), ' +
    'one after the other, and merges what they have pushed here. Changes made meanwhile are part of it: one process at a time ' +
    'does this. A gateway that is not reached is told with the next change, or when this command is run.\n\n' +
    'What happens is written to annex/annex-ts/gateways.log in the git directory, which becomes gateways.log.1 when it is full ' +
    '(256 KiB). git config annex-ts.tellgateways=false turns it off.';
}
