"""AWS as it is when something is wrong: the first part of the path says what. Prints its port.

    denied throttled expired broken rubbish reset hanging   every call is answered so
    iam-denied iam-throttled iam-hanging                    STS is well, and IAM answers so
    elsewhere                                               STS is well, and the caller is of another account
    overwritten                                             IAM is well; once another operator writes over what was put
"""

import http.server
import json
import threading
import time
import urllib.parse

ERROR = """<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>no</Message></Error>
<RequestId>r</RequestId></ErrorResponse>"""
ANSWERS = {
    "denied": (403, ERROR.format("AccessDenied")), "throttled": (400, ERROR.format("Throttling")),
    "expired": (403, ERROR.format("ExpiredToken")), "broken": (500, ERROR.format("ServiceFailure")),
    "rubbish": (200, "<p>welcome</p>"),
}
policies = {}
written = []
lock = threading.Lock()


def theirs(document):
    """What another operator puts who has read the role before: the same for a moment an hour ago."""
    document = json.loads(document)
    for statement in document["Statement"]:
        before = time.gmtime(time.time() - 3600)
        statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"] = [time.strftime("%Y-%m-%dT%H:%M:%SZ", before)]
    return json.dumps(document)


def iam(form):
    action = form["Action"]
    if action == "GetRole":
        return f"""<Role><Path>/</Path><RoleName>bedrock</RoleName><RoleId>AROAEXAMPLE</RoleId>
<Arn>arn:aws:iam::123456789012:role/bedrock</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>"""
    if action == "ListRolePolicies":
        names = "".join(f"<member>{name}</member>" for name in policies)
        return f"<PolicyNames>{names}</PolicyNames><IsTruncated>false</IsTruncated>"
    if action == "GetRolePolicy":
        document = policies.get(form["PolicyName"])
        return document and f"""<RoleName>bedrock</RoleName><PolicyName>{form["PolicyName"]}</PolicyName>
<PolicyDocument>{urllib.parse.quote(document)}</PolicyDocument>"""
    if action == "PutRolePolicy":
        written.append(form["PolicyDocument"])
        policies[form["PolicyName"]] = theirs(written[0]) if len(written) == 1 else form["PolicyDocument"]
        return ""
    raise ValueError(action)


class AWS(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body))
        mode = self.path.strip("/")
        action = form.get("Action", "")
        if action == "GetCallerIdentity" and mode in ("iam-denied", "iam-throttled", "iam-hanging", "elsewhere", "overwritten"):
            account = "210987654321" if mode == "elsewhere" else "123456789012"
            result = f"""<Arn>arn:aws:iam::{account}:user/operator</Arn><UserId>AIDAEXAMPLE</UserId>
<Account>{account}</Account>"""
            return self.answer(200, f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
        mode = mode.removeprefix("iam-")
        if mode == "hanging":
            return time.sleep(120)
        if mode == "reset":
            return self.connection.close()
        if mode == "overwritten":
            with lock:
                result = iam(form)
            if result is None:
                return self.answer(404, ERROR.format("NoSuchEntity"))
            return self.answer(200, f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
        self.answer(*ANSWERS[mode])

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), AWS)
server.daemon_threads = True
print(f"listening {server.server_port}", flush=True)
server.serve_forever()
