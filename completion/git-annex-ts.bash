# Completion for git-annex-ts and git annex-ts.

__git_annex_ts_commands="add calckey config contentlocation copy dead describe drop examinekey filter-process find findkeys fsck get info init lookupkey merge mincopies move numcopies post-receive pre-commit pull push semitrust setpresentkey smudge sync trust untrust version whereis"

__git_annex_ts_options() {
  case "$1" in
    add) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --check-gitignore --no-check-gitignore --force-large --force-small --update --dry-run --batch --null --backend --jobs --json --json-error-messages --json-progress --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    calckey) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --batch --null --backend" ;;
    config) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --set --get --unset --show-origin --for-file" ;;
    contentlocation) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --batch --null" ;;
    copy) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --from --to --from-anywhere --auto --failed --all --branch --unused --key --batch --batch-keys --null --jobs --json --json-error-messages --json-progress --time-limit --size-limit --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    dead) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --key --json --json-error-messages" ;;
    describe) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --json --json-error-messages" ;;
    drop) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --from --auto --all --branch --unused --key --batch --batch-keys --null --jobs --json --json-error-messages --time-limit --size-limit --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    examinekey) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --format --migrate-to-backend --filename --batch --null --json --json-error-messages" ;;
    filter-process) echo "" ;;
    find) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --format --print0 --branch --batch --null --json --json-error-messages --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    findkeys) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --format --print0 --json --json-error-messages --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --present --expected-present --anything --nothing --largerthan --smallerthan --not --and --or" ;;
    fsck) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --from --incremental --more --incremental-schedule --all --branch --unused --key --jobs --json --json-error-messages --time-limit --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    get) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --from --auto --incomplete --failed --all --branch --unused --key --batch --batch-keys --null --jobs --json --json-error-messages --json-progress --time-limit --size-limit --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    info) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --bytes --autoenable --dead-repositories --batch --null --json --json-error-messages --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    init) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --version --autoenable --no-autoenable --json --json-error-messages" ;;
    lookupkey) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --ref --batch --null" ;;
    merge) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --allow-unrelated-histories --no-allow-unrelated-histories --resolvemerge --no-resolvemerge --json --json-error-messages" ;;
    mincopies) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start" ;;
    move) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --from --to --from-anywhere --failed --all --branch --unused --key --batch --batch-keys --null --jobs --json --json-error-messages --json-progress --time-limit --size-limit --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
    numcopies) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start" ;;
    post-receive) echo "" ;;
    pre-commit) echo "" ;;
    pull) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --allow-unrelated-histories --no-allow-unrelated-histories --resolvemerge --no-resolvemerge --content --no-content --content-of --all --only-annex --not-only-annex --full --backend --jobs --json --json-error-messages --json-progress --time-limit --size-limit" ;;
    push) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --content --no-content --content-of --all --only-annex --not-only-annex --full --backend --jobs --json --json-error-messages --json-progress --time-limit --size-limit --cleanup" ;;
    semitrust) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --json --json-error-messages" ;;
    setpresentkey) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --batch --null --json --json-error-messages" ;;
    smudge) echo "" ;;
    sync) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --commit --no-commit --message --pull --no-pull --push --no-push --allow-unrelated-histories --no-allow-unrelated-histories --resolvemerge --no-resolvemerge --content --no-content --content-of --all --only-annex --not-only-annex --full --backend --jobs --json --json-error-messages --json-progress --time-limit --size-limit --cleanup" ;;
    trust) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --json --json-error-messages" ;;
    untrust) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --json --json-error-messages" ;;
    version) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --raw" ;;
    whereis) echo "--force --fast --quiet --verbose --debug --no-debug --debugfilter --explain --numcopies --mincopies --rebalance --trust --semitrust --untrust --trust-glacier --config --user-agent --notify-finish --notify-start --format --all --branch --unused --key --batch --batch-keys --null --json --json-error-messages --in --copies --lackingcopies --approxlackingcopies --inbackend --securehash --inallgroup --onlyingroup --metadata --want-get --want-get-by --want-drop --want-drop-by --accessedwithin --mimetype --mimeencoding --unlocked --locked --present --expected-present --anything --nothing --exclude --include --excludesamecontent --includesamecontent --largerthan --smallerthan --not --and --or" ;;
  esac
}

# Completes the word $1, after the word $2, for the subcommand $3 (empty: none yet).
__git_annex_ts_complete() {
  local word=$1 previous=$2 command=$3
  local -a found=()
  if [ -z "$command" ]; then
    mapfile -t found < <(compgen -W "$__git_annex_ts_commands" -- "$word")
  elif [[ " --trust --semitrust --untrust --from -f --to -t --in -i --want-get-by --want-drop-by " == *" $previous "* ]]; then
    mapfile -t found < <(compgen -W "$(git remote 2>/dev/null) here" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t found < <(compgen -W "$(__git_annex_ts_options "$command")" -- "$word")
  elif [[ " dead describe pull push semitrust sync trust untrust " == *" $command "* ]]; then
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
