"""An STS that misbehaves as it is told to, for what moto can't play.

GET /mode/NAME sets what POST / answers: ok, hang (until another mode is set), deny, throttle, fail, rubbish, expired,
proxy (a page of somebody else's), hostile (a value that would break out of JSON).
GET /calls answers how many AssumeRole calls came, GET /calls-per-key how many for the key that had most (which the
server tells when it tags sessions).
"""

import collections
import http.server
import threading
import time
import urllib.parse

state = {"mode": "ok", "calls": 0}
calls_of_key = collections.Counter()
changed = threading.Condition()

ANSWER = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAEXAMPLE000000001</AccessKeyId><SecretAccessKey>secretsecretsecretsecret</SecretAccessKey>
<SessionToken>tokentokentokentokentoken</SessionToken><Expiration>{expiration}</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/bedrock/ada</Arn>
<AssumedRoleId>AROAEXAMPLE:ada</AssumedRoleId></AssumedRoleUser></AssumeRoleResult>
<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>"""
ERROR = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{code}</Code>
<Message>User: arn:aws:iam::123456789012:user/server is not authorized</Message></Error>
<RequestId>r</RequestId></ErrorResponse>"""


def tags(request):
    fields = dict(urllib.parse.parse_qsl(request))
    return {value: fields.get(name[:-3] + "Value") for name, value in fields.items() if name.endswith(".Key")}


def answer(request):
    with changed:
        state["calls"] += 1
        calls_of_key[tags(request).get("key")] += 1
        changed.wait_for(lambda: state["mode"] != "hang", timeout=600)
        mode = state["mode"]
    life = -60 if mode == "expired" else 3600
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + life))
    return {
        "deny": (403, ERROR.format(code="AccessDenied")),
        "throttle": (400, ERROR.format(code="Throttling")),
        "fail": (500, ERROR.format(code="InternalFailure")),
        "rubbish": (200, "<html>hello</html>"),
        "proxy": (403, "<html>blocked by policy</html>"),
        "hostile": (200, ANSWER.format(expiration=expiration).replace(
            "ASIAEXAMPLE000000001", 'ASIA","SecretAccessKey":"theirs","X":"')),
    }.get(mode, (200, ANSWER.format(expiration=expiration)))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        with changed:
            if self.path.startswith("/mode/"):
                state["mode"] = self.path[6:]
                changed.notify_all()
            calls = max(calls_of_key.values(), default=0) if self.path == "/calls-per-key" else state["calls"]
        self.respond(200, str(calls))

    def do_POST(self):
        request = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        try:
            self.respond(*answer(request))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
