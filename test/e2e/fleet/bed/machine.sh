#!/bin/bash
# A machine of the test bed: the first process of its own network, mount, host name and process namespaces, started in the
# directory that holds its files. It says "ready", waits for a line (its link is there then), serves, and ends with its stdin;
# everything that runs in it ends with it.
set -eu
name=$1 address=$2 isServer=$3

hostname "$name"
# Of this bed alone: a file that is replaced under the real one, as useradd does, would lose what is mounted on it everywhere.
mount --bind ../etc /etc
if [ "$isServer" = yes ]; then
  for file in etc/passwd etc/group etc/shadow etc/hosts; do mount --bind "$file" "/$file"; done
  for place in root home srv run var/log var/lib tmp; do
    [ ! -d "/$place" ] || mount --bind "$place" "/$place"
  done
  for place in etc/haproxy etc/nginx etc/caddy; do
    [ ! -d "/$place" ] || mount --bind "$place" "/$place"
  done
  # Nothing outside of the machine's own directories can be written.
  mount -o remount,bind,ro /etc
  mount -o remount,bind,ro /
else
  for file in etc/passwd etc/hosts; do mount --bind "$file" "/$file"; done
  # The bed's own directory stays writable.
  mount --bind .. ..
  mount -o remount,bind,ro /etc
  mount -o remount,bind,ro /
fi
cd /
echo ready
read -r _
ip link set lo up
ip link set eth0 up
ip address add "$address/16" dev eth0
if [ "$isServer" = yes ]; then
  /usr/sbin/sshd -f /run/sshd/config -E /var/log/sshd
  [ ! -e /run/start ] || sh /run/start
fi
echo up
cat >/dev/null
