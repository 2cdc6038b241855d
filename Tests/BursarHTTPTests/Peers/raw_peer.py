"""A peer on loopback that isn't an HTTP server: it sends its argument, escapes read, to whoever connects, and hangs up.

Without an argument it says nothing at all.
"""

import socket
import sys

from server import LONG

listener = socket.create_server(("127.0.0.1", 0))
print(f"listening {listener.getsockname()[1]}", flush=True)
held = []
while True:
    peer, _ = listener.accept()
    if len(sys.argv) == 1:
        held.append(peer)
        continue
    with peer:
        peer.settimeout(LONG)
        try:
            peer.recv(4096)
            peer.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin-1"))
        except OSError:
            pass
