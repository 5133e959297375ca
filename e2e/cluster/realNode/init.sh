#!/usr/bin/env bash
# Process 1 of a real node: prepares the node's own view of the file system, then runs the programs that stand in
# FOLDER/programs and starts each again a second after it ended, as systemd does on a machine. Everything in this
# namespace ends with this process.
#   FOLDER/programs/NAME  the command line, arguments separated by NUL
#   FOLDER/stopped/NAME   while it exists the program is not started
#   FOLDER/pids/NAME      its process id in here
# usage: init.sh FOLDER LOGFOLDER LOGPREFIX
set -u
folder=$1
logs=$2
prefix=$3
trap 'exit 0' TERM INT

set -e
# Sockets, network namespaces, the kubelet's fixed folders: the machine's own stay as they are.
for place in /run /var/lib /var/log; do
  mount -t tmpfs -o mode=0755 tmpfs "$place"
done
mkdir -p /run/lock /run/netns /var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers
mount --bind "$folder/kubelet" /var/lib/kubelet
mount --bind "$folder/pod-logs" /var/log/pods

# The kubelet and the network plugin set these for the whole machine. Here they find them set already.
tunable() {
  [ -e "/proc/sys/$1" ] || return 0
  mkdir -p "/run/tunables/$(dirname "$1")"
  echo "$2" >"/run/tunables/$1"
  mount --bind "/run/tunables/$1" "/proc/sys/$1"
}
tunable vm/overcommit_memory 1
tunable vm/panic_on_oom 0
tunable kernel/panic 10
tunable kernel/panic_on_oops 1
tunable kernel/keys/root_maxkeys 1000000
tunable kernel/keys/root_maxbytes 25000000
# Of this network namespace alone.
echo 1 >/proc/sys/net/ipv4/ip_forward
set +e

supervise() {
  local name=$1 command
  trap - TERM INT
  while :; do
    while [ -e "$folder/stopped/$name" ]; do sleep 0.1; done
    mapfile -d '' -t command <"$folder/programs/$name"
    "${command[@]}" >>"$logs/$prefix-$name.log" 2>&1 &
    echo $! >"$folder/pids/$name.new"
    mv "$folder/pids/$name.new" "$folder/pids/$name"
    wait $!
    echo "$prefix-$name ended with $?" >>"$logs/$prefix-$name.log"
    rm -f "$folder/pids/$name"
    sleep 1
  done
}
for program in "$folder"/programs/*; do
  supervise "$(basename "$program")" &
done

# A node whose folder was removed belongs to nobody any more.
while [ -d "$folder" ]; do
  sleep 2 &
  wait $!
done
