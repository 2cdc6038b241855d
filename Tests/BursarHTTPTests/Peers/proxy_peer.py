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
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

how = sys.argv[1] if len(sys.argv) > 1 else "403"


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"proxied {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self):
        print(f"asked for {self.path}", flush=True)
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
        with socket.create_connection((host.strip("[]"), int(port))) as server:
            ends = {self.connection: server, server: self.connection}
            while True:
                for ready in select.select(list(ends), [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    ends[ready].sendall(data)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Proxy)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(f"listening {server.server_port}", flush=True)
server.serve_forever()
