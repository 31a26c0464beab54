# Completion for git-annex-ts and git annex-ts.

__git_annex_ts_commands="version"

__git_annex_ts_options() {
  case "$1" in
    version) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --raw" ;;
  esac
}

# Completes the word $1, after the word $2, for the subcommand $3 (empty: none yet).
__git_annex_ts_complete() {
  local word=$1 previous=$2 command=$3
  local -a found=()
  if [ -z "$command" ]; then
    mapfile -t found < <(compgen -W "$__git_annex_ts_commands" -- "$word")
  elif [[ " --trust --semitrust --untrust " == *" $previous "* ]]; then
    mapfile -t found < <(compgen -W "$(git remote 2>/dev/null) here" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t found < <(compgen -W "$(__git_annex_ts_options "$command")" -- "$word")
  elif [[ "  " == *" $command "* ]]; then
    mapfile -t found < <(compgen -W "$(git remote 2>/dev/null)" -- "$word")
  else
    mapfile -t found < <(compgen -f -- "$word")
    compopt -o filenames 2>/dev/null
  fi
  COMPREPLY=("${found[@]}")
}

# The first word after position $1 that is no option.
__git_annex_ts_subcommand() {
  local i
  for ((i = $1 + 1; i < COMP_CWORD; i++)); do
    case "${COMP_WORDS[i]}" in
      -*) ;;
      *) echo "${COMP_WORDS[i]}"; return ;;
    esac
  done
}

_git_annex_ts_main() {
  __git_annex_ts_complete "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" "$(__git_annex_ts_subcommand 0)"
}

# Called by git's completion for `git annex-ts`.
_git_annex_ts() {
  local at=0
  while [ "$at" -lt "$COMP_CWORD" ] && [ "${COMP_WORDS[at]}" != annex-ts ]; do at=$((at + 1)); done
  __git_annex_ts_complete "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" "$(__git_annex_ts_subcommand "$at")"
}

complete -F _git_annex_ts_main git-annex-ts
