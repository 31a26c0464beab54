// Man pages in roff, from the commands' declarations.
import { entry, example, heading, paragraph, roff, section } from './roff.mjs';

/** The page of the program: what it is, and a list of its commands. */
export function mainPage(commands, packageJson) {
  return [
    heading('git-annex-ts', packageJson),
    section('NAME'),
    `git\\-annex\\-ts \\- ${roff(packageJson.description)}`,
    section('SYNOPSIS'),
    '.B git annex\\-ts\n.I COMMAND\n[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]',
    section('DESCRIPTION'),
    paragraph(
      'Keeps git repositories and the large files that git-annex manages for them in step with each other. It works ' +
        'on the same repositories as git-annex, also at the same moment, and does not need git-annex installed.',
    ),
    paragraph('`git annex-ts COMMAND --help` shows the page of a command.'),
    section('COMMANDS'),
    ...commands.map((command) => entry(`\\fB${roff(command.id)}\\fR`, command.summary ?? '')),
    section('EXIT STATUS'),
    ...EXIT_CODES.map(([code, meaning]) => entry(`\\fB${code}\\fR`, meaning)),
    section('ENVIRONMENT'),
    entry(
      '\\fBGIT_ANNEX_TS_DEBUG\\fR',
      'Set to 1, an error that ends the program is shown with its stack trace.',
    ),
    section('SEE ALSO'),
    '.BR git (1),\n.BR git\\-annex (1),\n.BR git\\-annex\\-ts\\-shell (1)',
    '',
  ].join('\n');
}

/** The page of one command. */
export function commandPage(command, packageJson) {
  const operands = Object.entries(command.args ?? {}).map(([name, arg]) => operand(name, arg));
  const groups = new Map();
  for (const flag of Object.values(command.flags ?? {})) {
    if (flag.hidden) continue;
    const title = flag.helpGroup ? `${flag.helpGroup} OPTIONS` : 'OPTIONS';
    groups.set(title, [...(groups.get(title) ?? []), flag]);
  }
  const order = ['OPTIONS', 'MATCHING OPTIONS', 'COMMON OPTIONS'].filter((title) => groups.has(title));
  return [
    heading(`git-annex-ts-${command.id}`, packageJson),
    section('NAME'),
    `git\\-annex\\-ts\\-${roff(command.id)} \\- ${roff(command.summary ?? '')}`,
    section('SYNOPSIS'),
    `.B git annex\\-ts ${roff(command.id)}\n[\\fIOPTIONS\\fR] ${operands.join(' ')}`.trimEnd(),
    ...(command.description
      ? [section('DESCRIPTION'), ...command.description.split('\n\n').map(paragraph)]
      : []),
    ...order.flatMap((title) => [
      section(title),
      ...groups.get(title).map((flag) => entry(spelling(flag), flag.description ?? flag.summary ?? '')),
      ...(title === 'MATCHING OPTIONS' ? PARENTHESES : []),
    ]),
    ...(command.settings
      ? [
          section('SETTINGS'),
          ...Object.entries(command.settings).map(([name, text]) => entry(`\\fB${roff(name)}\\fR`, text)),
        ]
      : []),
    ...(command.examples?.length ? [section('EXAMPLES'), ...command.examples.map(example)] : []),
    section('SEE ALSO'),
    `.BR git\\-annex\\-ts (1),\n.BR git\\-annex\\-${roff(command.id)} (1)`,
    '',
  ].join('\n');
}

const EXIT_CODES = [
  [0, 'everything asked for was done'],
  [1, 'something failed, or the arguments were wrong'],
  [75, 'another sync of the repository is running, and \\-\\-no\\-wait or \\-\\-wait was given'],
  [101, 'stopped by \\-\\-time\\-limit or \\-\\-size\\-limit'],
  [130, 'interrupted by a signal'],
  [141, 'nobody reads the output any more'],
];

function operand(name, arg) {
  const shown = `\\fI${roff(name.toUpperCase())}\\fR${arg.multiple ? ' ...' : ''}`;
  return arg.required ? shown : `[${shown}]`;
}

function spelling(flag) {
  const long = `\\fB\\-\\-${flag.allowNo ? '[no\\-]' : ''}${roff(flag.name)}\\fR`;
  const value = flag.type === 'option' ? `=\\fI${roff(flag.helpValue ?? 'VALUE')}\\fR` : '';
  return `${flag.char ? `\\fB\\-${flag.char}\\fR, ` : ''}${long}${value}`;
}

/** They belong to the matching options, but oclif can't declare them. */
const PARENTHESES = [
  entry('\\fB\\-(\\fR', 'open a group of matching options'),
  entry('\\fB\\-)\\fR', 'close a group of matching options'),
];
