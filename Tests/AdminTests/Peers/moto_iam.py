"""moto with its authentication on, and a Bedrock that lists two models.

Users: "operator" may do all of IAM, STS, Bedrock and Secrets Manager; "clerk" may make users and nothing more;
"reader" may look at roles;
"legacy-bedrock-user" and "shop-bedrock-user" are somebody else's. Prints its port, then one line of JSON.
"""

import http.server
import json
import logging
import os
import threading
import urllib.request

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import boto3
from moto.server import ThreadedMotoServer

MODELS = {"modelSummaries": [
    {"modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{name}", "modelId": name}
    for name in ("anthropic.claude-3-haiku-20240307-v1:0", "meta.llama3-8b-instruct-v1:0")]}


class Bedrock(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        denied = self.path.startswith("/denied/")
        body = json.dumps({"message": "not authorized"} if denied else MODELS).encode()
        self.send_response(403 if denied else 200)
        if denied:
            self.send_header("x-amzn-ErrorType", "AccessDeniedException")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"
bedrock = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bedrock)
threading.Thread(target=bedrock.serve_forever, daemon=True).start()
iam = boto3.client("iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def user(name, actions):
    iam.create_user(UserName=name)
    if actions:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [statement]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


answer = {
    "operator": user("operator", ["iam:*", "sts:*", "bedrock:*", "secretsmanager:*"]),
    "clerk": user("clerk", ["sts:*", "iam:GetUser", "iam:CreateUser", "iam:ListUserTags"]),
    "reader": user("reader", ["sts:*", "iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies"]),
    "bedrock": f"http://127.0.0.1:{bedrock.server_port}",
}
user("legacy-bedrock-user", [])
iam.create_user(UserName="shop-bedrock-user", Tags=[{"Key": "purpose", "Value": "bedrock"},
                                                    {"Key": "business-unit", "Value": "shipping"}])
for role in ("sessions", "bedrock", "engines"):
    iam.create_role(RoleName=role, MaxSessionDuration=7200, AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}))
iam.put_role_policy(RoleName="bedrock", PolicyName="use", PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"}]}))
reset = urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset, timeout=600).read()
print(f"listening {port}", flush=True)
print(json.dumps(answer), flush=True)
threading.Event().wait()
