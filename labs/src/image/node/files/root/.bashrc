# An administrator's shell, as in the exam: kubectl with completion, and k for it.
[ -z "$PS1" ] && return
HISTCONTROL=ignoredups
HISTSIZE=10000
HISTFILESIZE=10000
shopt -s histappend checkwinsize
PS1='\[\e[1;32m\]\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto' k=kubectl
export EDITOR=vim CRICTL_DEBUG=false
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
[ -r /usr/share/bash-completion/completions/kubectl ] && . /usr/share/bash-completion/completions/kubectl &&
  complete -o default -F __start_kubectl k
