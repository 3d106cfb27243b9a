#!/usr/bin/perl
# Runs a command; says on standard error after how many seconds it ended, and the processor seconds of it and of all that it
# started, also of what outlived it.
use strict;
use warnings;
use POSIX ();
use Time::HiRes qw(time);

my $prctl = (POSIX::uname())[4] eq 'aarch64' ? 167 : 157;
my $set_child_subreaper = 36;
syscall($prctl, $set_child_subreaper, 1, 0, 0, 0) == 0 or die "prctl: $!\n";
my $begun = time;
my $main = fork // die "fork: $!\n";
if ($main == 0) { exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n" }
my ($seconds, $status) = (0, 0);
while ((my $pid = wait) > 0) { ($seconds, $status) = (time - $begun, $?) if $pid == $main }
my (undef, undef, $user, $system) = times;
printf STDERR "\ncounted %.3f %.3f\n", $seconds, $user + $system;
exit($status & 127 ? 128 : $status >> 8);
