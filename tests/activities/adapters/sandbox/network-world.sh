#!/bin/bash
# network-world.sh PROGRAM ARGUMENT...
# Runs a program in a network namespace beside a host that has the metadata address, a private address and two public ones.
set -e
here=${0%/*}
ip link set lo up
unshare --net sleep 120 &
other=$!
trap 'kill $other $server' EXIT
until [[ $(readlink /proc/$other/ns/net) != $(readlink /proc/self/ns/net) ]]; do sleep 0.02; done
ip link add near type veth peer name far netns $other
inside=(nsenter -t $other -n)
"${inside[@]}" ip link set lo up
for address in 169.254.169.254 10.1.2.3 203.0.113.5 203.0.113.6; do "${inside[@]}" ip addr add $address/32 dev far; done
"${inside[@]}" ip link set far up
"${inside[@]}" ip route add 198.51.100.0/24 dev far
ip addr add 198.51.100.1/24 dev near
ip link set near up
ip route add default dev near
"${inside[@]}" node -e "require('node:http').createServer((_, r) => r.end('reached')).listen(80, '0.0.0.0')" &
server=$!
"$@"
