"""A router that translates addresses between a worker's host and the bridge."""

import subprocess

import namespaces

# Packets that belong to no connection are dropped without an answer, as home routers do.
RULES = f"""
table ip translation {{
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    oifname "{namespaces.DEVICE}" masquerade random
  }}
}}
table ip protection {{
  chain forward {{
    type filter hook forward priority filter;
    ct state invalid drop
  }}
  chain input {{
    type filter hook input priority filter;
    iifname "{namespaces.DEVICE}" meta l4proto tcp drop
  }}
}}
"""


class Router:
    """Turns the host of a worker into a router, and moves the worker to a host behind it."""

    def __init__(self, network, number):
        self.namespace = network.workers[number - 1]
        inside = f"{self.namespace}-inside"
        network.add_namespace(inside)
        network.workers[number - 1] = inside
        ip = namespaces.ip
        ip("-n", self.namespace, "link", "add", "name", "inside", "type", "veth",
           "peer", "name", namespaces.DEVICE, "netns", inside)
        for place, device, address in (
                (self.namespace, "inside", "10.78.0.1/24"),
                (inside, namespaces.DEVICE, "10.78.0.2/24")):
            ip("-n", place, "address", "add", address, "dev", device)
            ip("-n", place, "link", "set", device, "up")
        ip("-n", inside, "route", "add", "default", "via", "10.78.0.1",
           "congctl", network.congestion)
        self._execute("nft", "-f", "-", input=RULES)
        # Packets in the middle of a connection do not make a mapping.
        self._execute(
            "sysctl", "-q", "-w", "net.ipv4.ip_forward=1",
            "net.netfilter.nf_conntrack_tcp_loose=0")

    def _execute(self, *command, **options):
        return subprocess.run(
            ["ip", "netns", "exec", self.namespace, *command], check=True, text=True,
            capture_output=True, **options).stdout

    def mappings(self):
        """The ports of the router that stand for connections of the worker."""
        lines = self._execute("conntrack", "-L", "-p", "tcp", "--state", "ESTABLISHED")
        # The last dport of a line is the destination of the answers.
        return {line.rsplit("dport=", 1)[1].split()[0] for line in lines.splitlines()}

    def drop_mappings(self):
        """Forgets all connections, as after a restart of the router."""
        self._execute("conntrack", "-F")
