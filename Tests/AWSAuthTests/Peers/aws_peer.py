"""STS, SSO, SSO-OIDC, container and instance metadata endpoints on one loopback port, for tests.

Answers are made from what is asked, so two clients that ask the same get the same.
"""

import hashlib
import http.server
import json
import urllib.parse

END = "2099-01-01T00:00:00Z"
SECRET = "secret/of/the/peer/secret/of/the/peer"
TOKEN = "token/of/the/peer=="
ROLES = "/latest/meta-data/iam/security-credentials/"


def key(*parts):
    return "ASIA" + hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16].upper()


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "peer-request")
        self.end_headers()
        self.wfile.write(body)

    def metadata(self, name):
        return {"Code": "Success", "AccessKeyId": key(name), "SecretAccessKey": SECRET, "Token": TOKEN,
                "Expiration": END}

    def refuse(self, status, code):
        self.answer(status, f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error>"
                            "<RequestId>peer</RequestId></ErrorResponse>", "text/xml")

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def do_PUT(self):
        self.body()
        if self.path == "/latest/api/token" and self.headers.get("x-aws-ec2-metadata-token-ttl-seconds"):
            return self.answer(200, "imds-token", "text/plain")
        if self.path == "/norole/latest/api/token":
            return self.answer(200, "imds-token", "text/plain")
        self.answer(404, "")

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/federation/credentials":
            token = self.headers.get("x-amz-sso_bearer_token", "")
            if "denied" in token:
                self.send_response(401)
                self.send_header("x-amzn-ErrorType", "UnauthorizedException")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            return self.answer(200, {"roleCredentials": {
                "accessKeyId": key("sso", token, query["role_name"], query["account_id"]), "secretAccessKey": SECRET,
                "sessionToken": TOKEN, "expiration": 4070908800000}})
        if url.path == "/session":  # CodeCatalyst's VerifySession: the one service that takes an SSO token as it is.
            return self.answer(200, {"identity": self.headers.get("Authorization", "none")})
        if url.path == "/container":
            return self.answer(200, self.metadata("container" + self.headers.get("Authorization", "")))
        if url.path == "/container/denied":
            return self.answer(403, {"Code": "AccessDenied", "Message": "no"})
        if url.path == "/container/html":
            return self.answer(200, "<html>", "text/html")
        if url.path == "/container/half":
            return self.answer(200, {"AccessKeyId": "ASIAHALF"})
        if url.path == ROLES and self.headers.get("x-aws-ec2-metadata-token") == "imds-token":
            return self.answer(200, "role-name", "text/plain")
        if url.path == ROLES + "role-name" and self.headers.get("x-aws-ec2-metadata-token") == "imds-token":
            return self.answer(200, self.metadata("imds"))
        if url.path == "/v1" + ROLES:
            return self.answer(200, "role-name", "text/plain")
        if url.path == "/v1" + ROLES + "role-name":
            return self.answer(200, self.metadata("imds-v1"))
        self.answer(404, "")

    def do_POST(self):
        text = self.body()
        if self.path == "/token":
            asked = json.loads(text)
            if "denied" in asked["refreshToken"]:
                return self.answer(400, {"error": "invalid_grant", "error_description": "no"})
            return self.answer(200, {"accessToken": "fresh-" + asked["refreshToken"], "expiresIn": 28800,
                                     "refreshToken": "next-" + asked["refreshToken"], "tokenType": "Bearer"})
        form = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
        action = form.get("Action", "")
        caller = self.headers.get("Authorization", "Credential=none/").split("Credential=")[1].split("/")[0]
        if action == "GetCallerIdentity":
            return self.answer(200, f"""<{action}Response><{action}Result><Arn>arn:aws:iam::123456789012:user/a</Arn>
                <UserId>{caller}</UserId><Account>123456789012</Account></{action}Result></{action}Response>""", "text/xml")
        if "denied" in form.get("RoleArn", ""):
            return self.refuse(403, "AccessDenied")
        name = form.get("RoleSessionName", "")
        if name.startswith(("botocore-session-", "bursar-")):
            name = ""
        if action not in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            return self.refuse(400, "InvalidAction")
        access = key(action, form["RoleArn"], name, form.get("ExternalId"), form.get("DurationSeconds"),
                     form.get("WebIdentityToken"), caller)
        self.answer(200, f"""<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
            <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/a/x</Arn>
            </AssumedRoleUser><Credentials><AccessKeyId>{access}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>
            <SessionToken>{TOKEN}</SessionToken><Expiration>{END}</Expiration></Credentials></{action}Result>
            <ResponseMetadata><RequestId>peer</RequestId></ResponseMetadata></{action}Response>""", "text/xml")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
print(f"listening {server.server_address[1]}", flush=True)
server.serve_forever()
