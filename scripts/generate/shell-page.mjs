// The man page of git-annex-ts-shell, which is no command of the program and so has no declaration to make it from.
import { entry, example, heading, paragraph, section } from './roff.mjs';

export function shellPage(packageJson) {
  return [
    heading('git-annex-ts-shell', packageJson),
    section('NAME'),
    'git\\-annex\\-ts\\-shell \\- restricted login shell for git and git\\-annex repositories',
    section('SYNOPSIS'),
    '.B git\\-annex\\-ts\\-shell\n[\\fB\\-c\\fR] \\fICOMMAND\\fR [\\fIPARAMETERS\\fR ...] [\\fIOPTIONS\\fR ...]',
    section('DESCRIPTION'),
    ...DESCRIPTION.map(paragraph),
    section('COMMANDS'),
    ...COMMANDS.map(([term, text]) => entry(bold(term), text)),
    section('OPTIONS'),
    ...OPTIONS.map(([term, text]) => entry(bold(term), text)),
    section('ENVIRONMENT'),
    ...ENVIRONMENT.map(([term, text]) => entry(bold(term), text)),
    section('HOOK'),
    ...HOOK.map(paragraph),
    section('EXAMPLES'),
    ...EXAMPLES.flatMap(([text, lines]) => [paragraph(text), example(lines)]),
    section('EXIT STATUS'),
    entry(bold('0'), 'done'),
    entry(
      bold('1'),
      'refused or failed, with one sentence that says why; the content asked about is not present',
    ),
    entry(bold('100'), 'inannex cannot tell, because the content is just being dropped'),
    section('SEE ALSO'),
    '.BR git\\-annex\\-ts (1),\n.BR git\\-annex\\-shell (1),\n.BR git\\-shell (1)',
    '',
  ].join('\n');
}

const bold = (text) => `\\fB${text.replaceAll('-', '\\-')}\\fR`;

const DESCRIPTION = [
  'Lets people use git and git-annex repositories over ssh, and nothing else. It answers what git-annex-shell answers, so ' +
    'git-annex and git annex-ts both work with it, and it can be a login shell, the command of a key in authorized_keys, or ' +
    'the git-annex-shell that clients find on a server.',
  'A directory is best given as an absolute path; another one is below the home directory. /~/ at its start is the home ' +
    'directory, and /~USER/ that of another user.',
];

const COMMANDS = [
  [
    'configlist DIRECTORY',
    'Tells the uuid of the repository, in the form of git config --list. A repository without one gets one when it has a ' +
      'git-annex branch, or when the field autoinit=1 asks for it.',
  ],
  [
    'p2pstdio DIRECTORY UUID',
    'Speaks the P2P protocol on the standard streams with the repository of that uuid.',
  ],
  ['notifychanges DIRECTORY', 'Tells when refs of the repository change, for remotedaemon.'],
  [
    'inannex DIRECTORY KEY ...',
    'Exits with 0 when the contents of all keys are present, with 1 when one is not, and with 100 when it cannot tell.',
  ],
  ['sendkey DIRECTORY KEY', 'Sends a content by rsync, to clients of before the P2P protocol.'],
  ['recvkey DIRECTORY KEY', 'Receives a content by rsync, and keeps it when it is the content of the key.'],
  ['dropkey DIRECTORY KEY ... --force', 'Removes contents. The client answers for the other copies.'],
  ['anything else', 'is passed to git-shell: git-upload-pack, git-receive-pack and git-upload-archive.'],
];

const OPTIONS = [
  ['--uuid=UUID', 'the repository that the client expects; another one is refused'],
  [
    '-- FIELD=VALUE ... --',
    'autoinit=1, remoteuuid=UUID and associatedfile=FILE, which older clients put there',
  ],
  ['--help', 'print a summary'],
];

const ENVIRONMENT = [
  [
    'GIT_ANNEX_SHELL_READONLY',
    'When set, nothing can be changed in the annex of a repository. Pushes are for git to forbid.',
  ],
  ['GIT_ANNEX_SHELL_APPENDONLY', 'When set, contents can be added to a repository but not removed from it.'],
  ['GIT_ANNEX_SHELL_LIMITED', 'When set, nothing is passed to git-shell.'],
  ['GIT_ANNEX_SHELL_DIRECTORY', 'When set, the only directory that may be used.'],
];

const HOOK = [
  'After contents were received or removed the hook annex-content of the repository runs, once per connection. It is given ' +
    'no information about what changed.',
];

const EXAMPLES = [
  [
    'The shell as the command of a key in ~/.ssh/authorized_keys, for one repository that can only be read (one line):',
    'command="GIT_ANNEX_SHELL_DIRECTORY=/srv/annex GIT_ANNEX_SHELL_LIMITED=true\n' +
      'GIT_ANNEX_SHELL_READONLY=true git-annex-ts-shell -c \\"$SSH_ORIGINAL_COMMAND\\"",\n' +
      'restrict ssh-ed25519 AAAAC3NzaC1l[...] user@example.com',
  ],
  [
    'Clients look for a program named git-annex-shell in the PATH that sshd gives to commands. On a server without git-annex ' +
      'a symbolic link gives them this one:',
    'ln -s "$(command -v git-annex-ts-shell)" /usr/local/bin/git-annex-shell',
  ],
  ['A client can also be told, for one remote:', 'git config remote.origin.annex-shell git-annex-ts-shell'],
  [
    'As a login shell it has to be in /etc/shells, and node in the PATH that sshd starts with:',
    'command -v git-annex-ts-shell >> /etc/shells\nchsh -s "$(command -v git-annex-ts-shell)" annexuser',
  ],
];
