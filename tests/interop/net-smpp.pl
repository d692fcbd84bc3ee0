#!/usr/bin/perl
# Net::SMPP between two peers: every PDU that comes from one is decoded by it, and encoded again for
# the other. So whoever talks through it has to be understood by a codec that nobody here wrote, and
# to understand what it writes. Listens on a free port, which it prints; the argument is where to
# connect to. Each connection is served by a process of its own.
use strict;
use warnings;
use IO::Select;
use Net::SMPP;

my ($target) = @ARGV;
$| = 1;
$SIG{CHLD} = 'IGNORE';
# What Net::SMPP says of octets that it does not understand is what we are here for.
$SIG{__WARN__} = sub { print "warning: $_[0]" unless $_[0] =~ /premature eof/ };

# What Net::SMPP keeps in a decoded PDU besides its fields.
my %about = map { $_ => 1 } qw(cmd status seq data known_pdu reserved);

sub pass
{
    my ($pdu, $to) = @_;
    my $name = Net::SMPP::pdu_tab->{$pdu->{cmd}}{cmd};
    my @fields = map { $_ => $pdu->{$_} }
        grep { !$about{$_} && !/^\d+$/ && defined $pdu->{$_} } sort keys %$pdu;

    if (!$name) {
        printf "unknown PDU 0x%08x\n", $pdu->{cmd};
        return;
    }
    print "passed $name\n";
    if ($pdu->{cmd} & 0x80000000) {
        $to->$name(seq => $pdu->{seq}, status => $pdu->{status}, @fields);
    } else {
        $to->$name(seq => $pdu->{seq}, async => 1, @fields);
    }
}

sub serve
{
    my ($peer) = @_;
    my $other = Net::SMPP->new_connect('127.0.0.1', port => $target, smpp_version => 0x34);
    my $select = IO::Select->new($peer, $other);

    while (1) {
        for my $from ($select->can_read) {
            my $pdu = $from->read_pdu or return;
            pass($pdu, $from == $peer ? $other : $peer);
        }
    }
}

my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, smpp_version => 0x34)
    or die "cannot listen: $!";
print 'listening ' . $listener->sockport . "\n";
while (1) {
    my $peer = $listener->accept or next;
    next if fork;
    serve($peer);
    exit 0;
}
