# Prints what an interactive zsh lists for a command line: zsh-completion.zsh FUNCTIONS FOLDER LINE
setopt extendedglob
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT='%% '; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^X' list-choices; cd ${(q)2}; print READ''Y"
# The prompt comes when the line editor listens.
zpty -r shell answer '*READY*% *'
zpty -w -n shell "$3"$'\C-x'
# The list is followed by an escape sequence that moves the cursor up, back to the line.
zpty -r shell answer $'*\e\\[[0-9]#A*'
print -r -- "$answer"
zpty -d shell
