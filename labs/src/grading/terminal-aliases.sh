# Read by the bash that runs a submitted script, before the script: gives it what the terminal has.
# Aliases come as functions: a script may define a function of its own by an alias's name, `k`, and
# would define one by the alias's meaning, `kubectl`, which calls itself without end. An alias that
# only adds options to a program (`ls`) has no say in a script.
unset BASH_ENV
# shellcheck source=/dev/null
[ -r ~/.bashrc ] && . ~/.bashrc || :
for alias in "${!BASH_ALIASES[@]}"; do
  [ "${BASH_ALIASES[$alias]%% *}" = "$alias" ] || eval "$alias() { ${BASH_ALIASES[$alias]} "'"$@"; }'
done
unalias -a
unset alias
shopt -s expand_aliases
