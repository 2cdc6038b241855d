"""How long a revoked key goes on working on any of three servers on one PostgreSQL, as Server/revoke.py measures it.

usage: revocations.py PROGRAMS [REVOCATIONS]
"""

import sys

import cluster
import revoke

revoke.measure(cluster.World(sys.argv[1], cluster.Cluster()), int(sys.argv[2]) if len(sys.argv) > 2 else 100, 3)
