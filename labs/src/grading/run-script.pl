# Runs a program on a host for the grader and says how it ended. Perl, because a shell cannot tell a
# program that was killed from one that ended with 128 and the signal's number, nor one that ran out
# of time from one that ended with 124.
#
# Arguments: the limit in seconds, a word that marks the last line, the program and its arguments.
# Standard input: files, a line each, name and content in hexadecimal; they are put into a folder of
# their own, and the first one's path becomes the program's last argument. The folder is removed at
# the end. Last line on standard error: the word, and `ended N`, `killed SIGNAL-NUMBER` or
# `stopped`.
use strict;
use warnings;
use File::Temp ();
use POSIX ();

my ( $limit, $mark, @command ) = @ARGV;
my $folder = File::Temp::tempdir('/tmp/.drydock-XXXXXXXX');
my $child  = 0;
END { local $?; system '/bin/rm', '-rf', '--', $folder if $folder && $child != $$ }
# A signal that ends this program ends what it runs. It waits for as long as it takes to start that.
my $ends     = POSIX::SigSet->new( POSIX::SIGTERM, POSIX::SIGINT, POSIX::SIGHUP );
my $starting = sub { POSIX::sigprocmask( $_[0] ? POSIX::SIG_BLOCK : POSIX::SIG_UNBLOCK, $ends ) };
$SIG{TERM} = $SIG{INT} = $SIG{HUP} = sub { end_all('KILL'); exit 143 };
$SIG{CHLD} = sub { };    # so that its end cuts a pause short

my $script;
binmode STDIN;
while ( my $line = <STDIN> ) {
    my ( $name, $content ) = map { pack 'H*', $_ } split /[ \n]/, $line, -1;
    my $path = "$folder/$name";
    for ( my $at = length $folder ; ( $at = index $path, '/', $at + 1 ) > 0 ; ) { mkdir substr $path, 0, $at }
    open my $file, '>:raw', $path or die "$path: $!\n";
    print $file $content or die "$path: $!\n";
    close $file or die "$path: $!\n";
    $script //= $path;
}

# A clock that cannot be set: hundredths of a second since the machine began.
sub now { ( POSIX::times() )[0] / POSIX::sysconf(&POSIX::_SC_CLK_TCK) }

# A session of its own: all that the program starts belongs to it, unless it begins another one.
$starting->(1);
$child = fork // die "fork: $!\n";
if ( $child == 0 ) {
    $child = $$;
    $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP CHLD);
    POSIX::setsid();
    $starting->(0);
    open STDIN, '<', '/dev/null';
    { no warnings 'exec'; exec { $command[0] } @command, $script // (); }
    print STDERR "$command[0]: $!\n";
    POSIX::_exit(127);
}
$starting->(0);

# Signals the program, which may not have begun its session yet, and every process of that session.
# Before the program there is nothing to signal: session 0 is that of strangers, whose session began
# with the machine or in another namespace.
sub end_all {
    my ($signal) = @_;
    return if $child == 0;
    kill $signal, $child, -$child;
    for my $path ( glob '/proc/[0-9]*/stat' ) {
        open my $stat, '<', $path or next;
        my ( $pid, $session ) = ( <$stat> // '' ) =~ /^(\d+) \(.*\) \S+ \d+ \d+ (\d+) /s or next;
        kill $signal, $pid if $session == $child && $pid != $$;
    }
}

# Waits for the program, that many seconds at most; answers whether it has ended.
my $status;
sub await_child {
    my ($seconds) = @_;
    my $deadline = now() + $seconds;
    while (1) {
        my $ended = waitpid $child, POSIX::WNOHANG();
        $status = $? if $ended == $child;
        return 1 if $ended;
        return 0 if now() >= $deadline;
        select undef, undef, undef, 0.05;
    }
}

my ( $how, $exit );
if ( await_child($limit) ) {
    my $signal = $status & 127;
    ( $how, $exit ) = $signal ? ( "killed $signal", 128 + $signal ) : ( 'ended ' . ( $status >> 8 ), $status >> 8 );
}
else {
    end_all('TERM');
    await_child(2);
    end_all('KILL');
    await_child(2);
    ( $how, $exit ) = ( 'stopped', 124 );
}
print STDERR "\n$mark $how\n";
exit $exit;
