# An administrator's shell, as in the exam: kubectl with completion, and k for it.
# Scripts that are handed in read this too, so that what works in the terminal works in them: what comes before the first `if`.
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto' k=kubectl
export EDITOR=vim CRICTL_DEBUG=false
if [ -n "${PS1-}" ]; then
  HISTCONTROL=ignoredups
  HISTSIZE=10000
  HISTFILESIZE=10000
  shopt -s histappend checkwinsize
  PS1='\[\e[1;32m\]\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
  [ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
  [ -r /usr/share/bash-completion/completions/kubectl ] && . /usr/share/bash-completion/completions/kubectl &&
    complete -o default -F __start_kubectl k
fi
