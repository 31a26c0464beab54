import { DirectCommand } from './base/direct-command.js';

export default class CheckPush extends DirectCommand {
  static override summary = 'run by the git pre-receive hook of a gateway that is locked';
  static override description =
    `Refuses a push to the git-annex branch, and to every other branch that is merged into it, that changes lines of proxy.log, cluster.log, group.log, preferred-content.log, required-content.log, group-preferred-content.log, maxsize.log or trust.log about this gateway, its clusters, their nodes, and the groups these are in.

Set \`annex-ts.lockcluster\` to true at the gateway and run \`git annex-ts updatecluster\`, which installs the hook. git-annex-ts must be in the PATH of those who push.

Who may make such changes all the same signs the push: name the fingerprint of each key in \`annex-ts.lockclustersigner\` (as \`ssh-keygen -lf KEY.pub\` shows it, SHA256:..., or an OpenPGP key's), or the name that \`gpg.ssh.allowedSignersFile\` gives the key, which git needs for keys of ssh. Run \`git annex-ts updatecluster\` again. The client sets \`gpg.format\` to ssh, \`user.signingKey\` and \`push.gpgSign\` to if-asked.

What is checked is what is pushed into the gateway: by clients, by nodes, and by other gateways that tell it of contents. Not checked is what comes in another way: what sync, pull or merge at the gateway fetch from its remotes, with their own git-annex branch, and what is changed by commands run there or by those who can write its files. Let a locked gateway fetch from nobody whom you would not let sign (\`remote.NAME.annex-pull\` false), and let others push to it.

Whatever these logs say, however they got there, a gateway leads nobody to a repository that its own git config does not name a node, a proxied remote or another gateway (\`annex-cluster-node\`, \`annex-proxy\`, \`annex-cluster-gateway\`).`;
  static override examples = [
    'git config annex-ts.lockcluster true',
    'git config --add annex-ts.lockclustersigner SHA256:n2fxbQz7DqgcuOgHvHC3NHLSDRLrzqVyOKgzNMVBpoQ',
    'git-annex-ts updatecluster',
  ];
}
