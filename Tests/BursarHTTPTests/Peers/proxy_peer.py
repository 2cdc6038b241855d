"""An HTTP proxy on loopback: it answers plain requests in their origin's place, and says what it was asked for.

usage: proxy_peer.py [HOW [CERTIFICATE KEY]]
HOW is what it does with CONNECT: a status to refuse with, or one of
  tunnel   lead to the address that was asked for
  sink     open a tunnel that leads nowhere
  silent   say nothing
  close    hang up
  garbage  speak something else
With a certificate it speaks TLS itself.
"""

import select
import socket
import sys

import server
from server import say

how = sys.argv[1] if len(sys.argv) > 1 else "403"


class Proxy(server.Peer):
    def do_GET(self):
        self.answer(body=f"proxied {self.path}".encode())

    def do_CONNECT(self):
        say(f"asked for {self.path}")
        self.close_connection = True
        if how == "silent":
            self.rfile.read()
        elif how == "close":
            pass
        elif how == "garbage":
            self.wfile.write(b"\x05\x00 not HTTP\r\n\r\n")
        elif how in ("tunnel", "sink"):
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            if how == "tunnel":
                self.lead()
            else:
                self.rfile.read()
        else:
            self.send_response(int(how))
            if how == "407":
                self.send_header("Proxy-Authenticate", 'Basic realm="campus"')
            if how == "302":
                self.send_header("Location", "http://login.invalid/")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def lead(self):
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port))) as origin:
            ends = {self.connection: origin, origin: self.connection}
            while True:
                for ready in select.select(list(ends), [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    ends[ready].sendall(data)


server.serve(Proxy, sys.argv[2:])
