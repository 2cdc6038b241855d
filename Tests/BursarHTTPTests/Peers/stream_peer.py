"""An HTTP server on loopback that takes and gives bodies piece by piece; with two arguments (certificate, key) over TLS.

It says on standard output when it listens, and what became of a client: "gone PATH", "whole N", "aborted".
"""

import hashlib
import json
import sys
import threading
import time

import server
from server import LONG, say

PATTERN = bytes(n % 251 for n in range(251 * 256))


class Shared:
    go = threading.Event()
    sent = 0
    connections = 0


class StreamPeer(server.Peer):
    timeout = LONG

    def setup(self):
        super().setup()
        Shared.connections += 1

    def do_GET(self):
        try:
            self.route()
        except OSError:
            say("gone " + self.path.partition("?")[0])
            self.close_connection = True

    do_POST = do_PUT = do_GET

    def chunk(self, piece):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def pieces(self):
        """The request's body; raises EOFError when it is not whole."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline() or self.abort(), 16):
                yield self.part(size)
                self.rfile.readline()
            if self.rfile.readline() != b"\r\n":
                self.abort()
        else:
            left = int(self.headers.get("Content-Length", 0))
            while left:
                piece = self.rfile.read1(min(left, 1 << 16)) or self.abort()
                left -= len(piece)
                yield piece

    def part(self, size):
        piece = self.rfile.read(size)
        return piece if len(piece) == size else self.abort()

    def abort(self):
        raise EOFError

    def until_gone(self, path):
        self.connection.settimeout(LONG)
        try:
            while self.connection.recv(1 << 16):
                pass
        except OSError:
            pass
        say("gone " + path)
        self.close_connection = True

    # What steers the others.

    def at_go(self, _):
        Shared.go.set()
        self.answer(body=b"")

    def at_settled(self, query):
        """How many bytes /flood has sent, once that is the same for a while."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < float(query["seconds"]):
            if seen != Shared.sent:
                seen, since = Shared.sent, time.monotonic()
            time.sleep(0.02)
        self.answer(body=str(seen).encode())

    def at_count(self, _):
        self.answer(body=str(Shared.connections).encode())

    # Down.

    def at_steps(self, _):
        self.head(Transfer_Encoding="chunked")
        self.chunk(b"first")
        if not Shared.go.wait(LONG):
            return self.abort()
        self.chunk(b"second")
        self.wfile.write(b"0\r\nX-Trailer: yes\r\n\r\n")

    def at_flood(self, query):
        left = int(query["bytes"])
        chunked = "chunked" in query
        self.head(**({"Transfer_Encoding": "chunked"} if chunked else {"Content_Length": str(left)}))
        self.connection.settimeout(LONG)
        while left:
            piece = memoryview(PATTERN)[: min(left, len(PATTERN))]
            left -= len(piece)
            if chunked:
                self.wfile.write(b"%x\r\n" % len(piece))
            while piece:
                count = self.connection.send(piece)
                Shared.sent += count
                piece = piece[count:]
            if chunked:
                self.wfile.write(b"\r\n")
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def at_hang(self, _):
        self.head(Transfer_Encoding="chunked")
        self.chunk(b"first")
        self.until_gone("/hang")

    def at_quiet(self, _):
        say("asked /quiet")
        self.until_gone("/quiet")

    def at_think(self, query):
        size = sum(map(len, self.pieces()))
        time.sleep(float(query["seconds"]))
        self.answer(body=str(size).encode())

    def at_cut(self, query):
        self.head(**({"Transfer_Encoding": "chunked"} if "chunked" in query else {"Content_Length": "100"}))
        self.wfile.write(b"64\r\n" if "chunked" in query else b"")
        self.wfile.write(b"only this")
        self.close_connection = True

    def at_until_close(self, _):
        self.head(Connection="close")
        self.wfile.write(b"the end is the end")

    def at_plain(self, query):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nX-Interim: yes\r\n\r\n")
        status = int(query.get("status", 200))
        headers = {"Location": "/go", "Content_Encoding": "gzip"}
        if status == 204:
            return self.head(status, **headers)
        self.answer(status, b"as it is", **headers)

    # Up.

    def at_take(self, query):
        """Reads the body, once it may, and says what it saw."""
        if "wait" in query and not Shared.go.wait(LONG):
            return self.abort()
        size, digest = 0, hashlib.sha256()
        try:
            for piece in self.pieces():
                size += len(piece)
                digest.update(piece)
                if "tell" in query:
                    say("took " + piece.decode())
        except (EOFError, OSError):
            say("aborted")
            self.close_connection = True
            return
        say(f"whole {size}")
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        self.answer(body=json.dumps({"size": size, "digest": digest.hexdigest(), "headers": headers}).encode())

    def at_early(self, query):
        """Answers before it has read the body; reads none of it, if it then hangs up, else all that comes."""
        status = int(query["status"])
        if "close" in query:
            self.answer(status, b"enough", Connection="close")
        elif "chunked" in query:
            self.head(status, Transfer_Encoding="chunked")
            self.chunk(b"enough")
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.answer(status, b"enough")
        self.until_gone("/early")

    def at_echo(self, _):
        """Answers while the body still comes, piece for piece."""
        self.head(Transfer_Encoding="chunked")
        for piece in self.pieces():
            self.chunk(piece)
        self.wfile.write(b"0\r\n\r\n")

    def at_hangup(self, _):
        say("asked /hangup")
        self.close_connection = True


server.serve(StreamPeer, sys.argv[1:])
