// Completions for bash, zsh and fish, from the commands' declarations. Names of remotes are asked for while completing.

/** Options whose value is a remote. */
const takesRemote = (flag) => flag.type === 'option' && flag.helpValue === 'REMOTE';

const shown = (command) => Object.values(command.flags ?? {}).filter((flag) => !flag.hidden);
const spellings = (flag) => [`--${flag.name}`, ...(flag.allowNo ? [`--no-${flag.name}`] : [])];
const operandsAreRemotes = (command) => Object.keys(command.args ?? {})[0] === 'remote';

/**
 * Names of remotes behind gateways, also behind those behind others, each repository by its shortest way. Whoever pushes
 * proxy.log decides on names there, and bash expands what it is given to complete from: only harmless characters pass.
 */
const ASK_CONFIG = "git config --get-regexp '^(annex\\.uuid|remote\\..*\\.(annex-uuid|url))$' 2>/dev/null";
const ASK_PROXIES = 'git cat-file -p refs/heads/git-annex:proxy.log 2>/dev/null';
const NAME_PROXIED = `awk '
    /^annex\\.uuid / { here = $2; next }
    /^remote\\..*\\.url / { if ($2 ~ /^(\\/|\\.|file:)/) onPath[substr($1, 8, length($1) - 11)]; next }
    /^remote\\./ { uuids[substr($1, 8, length($1) - 18)] = $2; next }
    { listed[$2] = $0 }
    END {
      for (gateway in uuids) if (!(gateway in onPath)) {
        split("", seen); seen[here]; seen[uuids[gateway]]
        names[1] = gateway; nodes[1] = uuids[gateway]; last = 1
        for (at = 1; at <= last; at++) {
          count = split(listed[nodes[at]], entries, " ")
          for (i = 3; i <= count && last <= 1000; i++) {
            colon = index(entries[i], ":"); node = substr(entries[i], 1, colon - 1)
            name = names[at] "-" substr(entries[i], colon + 1)
            if (node in seen || name !~ /^[A-Za-z0-9][A-Za-z0-9._+@-]*$/) continue
            seen[node]; names[++last] = name; nodes[last] = node; print name
          }
        }
      }
    }'`;

/** A function for bash and zsh that prints the names of all remotes. */
const ALL_REMOTES = `__git_annex_ts_all_remotes() {
  git remote 2>/dev/null
  { ${ASK_CONFIG}; ${ASK_PROXIES}; } | ${NAME_PROXIED}
}
`;

/** The same for fish. */
const FISH_ALL_REMOTES = `function __git_annex_ts_all_remotes
    git remote 2>/dev/null
    begin; ${ASK_CONFIG}; ${ASK_PROXIES}; end | ${NAME_PROXIED}
end
`;

/** For bash: `git-annex-ts` itself, and `git annex-ts` through git's own completion, which calls `_git_annex_ts`. */
export function bashCompletion(commands) {
  const options = commands.map((c) => `    ${c.id}) echo "${shown(c).flatMap(spellings).join(' ')}" ;;`);
  const remoteFlags = new Set(commands.flatMap((c) => shown(c).filter(takesRemote)).flatMap(shortAndLong));
  const remoteCommands = commands.filter(operandsAreRemotes).map((c) => c.id);
  return `# Completion for git-annex-ts and git annex-ts.

__git_annex_ts_commands="${commands.map((c) => c.id).join(' ')}"

__git_annex_ts_options() {
  case "$1" in
${options.join('\n')}
  esac
}

${ALL_REMOTES}
# Completes the word $1, after the word $2, for the subcommand $3 (empty: none yet).
__git_annex_ts_complete() {
  local word=$1 previous=$2 command=$3
  local -a found=()
  # bash takes --from=REMOTE for three words.
  if [[ $word == = && $previous == --* ]]; then
    word=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if [ -z "$command" ]; then
    mapfile -t found < <(compgen -W "$__git_annex_ts_commands" -- "$word")
  elif [[ " ${[...remoteFlags].join(' ')} " == *" $previous "* ]]; then
    mapfile -t found < <(compgen -W "$(__git_annex_ts_all_remotes) here" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t found < <(compgen -W "$(__git_annex_ts_options "$command")" -- "$word")
  elif [[ " ${remoteCommands.join(' ')} " == *" $command "* ]]; then
    mapfile -t found < <(compgen -W "$(__git_annex_ts_all_remotes)" -- "$word")
  else
    mapfile -t found < <(compgen -f -- "$word")
    compopt -o filenames 2>/dev/null
  fi
  COMPREPLY=("\${found[@]}")
}

# The first word after position $1 that is no option.
__git_annex_ts_subcommand() {
  local i
  for ((i = $1 + 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      -*) ;;
      *) echo "\${COMP_WORDS[i]}"; return ;;
    esac
  done
}

_git_annex_ts_main() {
  __git_annex_ts_complete "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}" "$(__git_annex_ts_subcommand 0)"
}

# Called by git's completion for \`git annex-ts\`.
_git_annex_ts() {
  local at=0
  while [ "$at" -lt "$COMP_CWORD" ] && [ "\${COMP_WORDS[at]}" != annex-ts ]; do at=$((at + 1)); done
  __git_annex_ts_complete "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}" "$(__git_annex_ts_subcommand "$at")"
}

complete -F _git_annex_ts_main git-annex-ts
`;
}

/** For zsh: a function file for \`$fpath\`, also found by \`git annex-ts\`. */
export function zshCompletion(commands) {
  const described = commands.map((c) => `    ${quoted(`${c.id}:${c.summary ?? ''}`)}`);
  const cases = commands.map((c) => {
    const specs = shown(c).flatMap((flag) => zshSpecs(flag));
    const rest = operandsAreRemotes(c) ? "'*:remote:__git_annex_ts_remotes'" : "'*:file:_files'";
    return `    ${c.id})\n      _arguments -S \\\n${[...specs, rest].map((spec) => `        ${spec}`).join(' \\\n')}\n      ;;`;
  });
  return `#compdef git-annex-ts
# Completion for git-annex-ts and git annex-ts.

${ALL_REMOTES}
__git_annex_ts_remotes() {
  local -a remotes
  remotes=(\${(f)"$(__git_annex_ts_all_remotes)"} here)
  _describe remote remotes
}

_git-annex-ts() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}

_git-annex-ts "$@"
`;
}

/** Asks the completion of git-annex-ts what it would offer for the same words. */
const FISH_GIT_SUBCOMMAND = `function __git_annex_ts_of_git
    set -l words (commandline -opc)
    complete -C "git-annex-ts "(string join ' ' -- (string escape -- $words[3..-1]) (commandline -ct))
end
complete -c git -f -n 'set -l words (commandline -opc); test "$words[2]" = annex-ts' -a '(__git_annex_ts_of_git)'
`;

/** For fish. */
export function fishCompletion(commands) {
  const lines = commands.flatMap((c) => [
    `complete -c git-annex-ts -n __fish_use_subcommand -f -a ${c.id} -d ${quoted(c.summary ?? '')}`,
    ...shown(c).flatMap((flag) => fishLine(c, flag)),
    ...(operandsAreRemotes(c)
      ? [
          `complete -c git-annex-ts -n '__fish_seen_subcommand_from ${c.id}' -f -a '(__git_annex_ts_all_remotes)'`,
        ]
      : []),
  ]);
  return `# Completion for git-annex-ts and git annex-ts.\n${FISH_ALL_REMOTES}${FISH_GIT_SUBCOMMAND}${lines.join('\n')}\n`;
}

function fishLine(command, flag) {
  const char = flag.char ? ` -s ${flag.char}` : '';
  const value = takesRemote(flag)
    ? " -x -a '(__git_annex_ts_all_remotes) here'"
    : flag.type === 'option'
      ? ' -r'
      : '';
  return `complete -c git-annex-ts -n '__fish_seen_subcommand_from ${command.id}'${char} -l ${flag.name}${value} -d ${quoted(flag.description ?? '')}`;
}

function zshSpecs(flag) {
  const text = (flag.description ?? '').replaceAll(/[[\]:]/g, ' ');
  const value = takesRemote(flag)
    ? ':remote:__git_annex_ts_remotes'
    : flag.type === 'option'
      ? `:${(flag.helpValue ?? 'value').replaceAll(/[[\]:]/g, ' ')}:`
      : '';
  const equals = flag.type === 'option' ? '=' : '';
  const long = spellings(flag).map((name) => quoted(`*${name}${equals}[${text}]${value}`));
  return flag.char ? [...long, quoted(`*-${flag.char}${equals ? '+' : ''}[${text}]${value}`)] : long;
}

const shortAndLong = (flag) => [`--${flag.name}`, ...(flag.char ? [`-${flag.char}`] : [])];
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
