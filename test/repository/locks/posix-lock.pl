# Holds or tries a classic fcntl lock over a whole file, as git-annex does (perl comes with git).
#
# posix-lock.pl hold|try shared|exclusive FILE
# hold: prints "held" once it has the lock, keeps it until stdin ends. try: prints "got" or "busy".
use strict;
use warnings;
use Fcntl;

my ($action, $kind, $path) = @ARGV;
my $flags = ($kind eq 'shared' ? O_RDONLY : O_RDWR) | O_CREAT;
sysopen(my $file, $path, $flags, 0666) or die "$path: $!";
# struct flock of 64-bit Linux: type, whence, start, length, pid
my $lock = pack('s s x4 q q l x4', $kind eq 'shared' ? F_RDLCK : F_WRLCK, 0, 0, 0, 0);
$| = 1;
if ($action eq 'try') {
    print fcntl($file, F_SETLK, $lock) ? "got\n" : "busy\n";
} else {
    fcntl($file, F_SETLKW, $lock) or die "$path: $!";
    print "held\n";
    1 while <STDIN>;
}
