#!/usr/bin/perl
# A cable with a delay, for kernels without netem: what arrives on one tap device leaves the other one that much later.
# Arguments: the names of the two devices. Standard input: the delay of one direction in ms, a line each time it changes.
use strict;
use warnings;
use Time::HiRes qw(time);
use constant { TUNSETIFF => 0x400454ca, TAP_WITHOUT_HEADER => 0x1002 };

sub tap {
    my ($name) = @_;
    open(my $device, '+<', '/dev/net/tun') or die "/dev/net/tun: $!\n";
    ioctl($device, TUNSETIFF, pack('Z16 S x22', $name, TAP_WITHOUT_HEADER)) or die "$name: $!\n";
    return $device;
}

my @ends = map { tap($_) } @ARGV;
my ($delay, @queue) = (0);
my $watched = '';
vec($watched, fileno($_), 1) = 1 for @ends, \*STDIN;
$| = 1;
print "ready\n";

while (1) {
    my $wait = @queue ? $queue[0][0] - time : undef;
    $wait = 0 if defined $wait && $wait < 0;
    my $readable = $watched;
    select($readable, undef, undef, $wait);
    if (vec($readable, fileno(STDIN), 1)) {
        sysread(STDIN, my $line, 64) or exit;
        $delay = $line / 1000;
        print "set\n";
    }
    for my $i (0, 1) {
        next unless vec($readable, fileno($ends[$i]), 1);
        sysread($ends[$i], my $frame, 65536) or next;
        push @queue, [time + $delay, $ends[1 - $i], $frame];
    }
    while (@queue && $queue[0][0] <= time) {
        my (undef, $end, $frame) = @{ shift @queue };
        syswrite($end, $frame);
    }
}
