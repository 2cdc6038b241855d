"""moto's opinion on policies: of actions and resources in its own evaluator, and of real calls with its checks on.

Reads {"documents": {name: text}, "calls": [[action, resource], …]} from standard input. Prints {"rules": {name: [outcome
per call]}, "made": {name: {action: outcome}}}. moto knows no condition of an identity's policy but StringEquals, and takes
"*" for the resource of a real call; so documents without conditions, and real calls on everything, are what it can judge.
"""

import json
import logging
import sys
import urllib.request

import boto3
from botocore.exceptions import ClientError
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.server import ThreadedMotoServer

asked = json.load(sys.stdin)
WORDS = {PermissionResult.PERMITTED: "allowed", PermissionResult.DENIED: "explicitlyDenied",
         PermissionResult.NEUTRAL: "implicitlyDenied"}
rules = {name: [WORDS[IAMPolicy(document).is_action_permitted(action, resource)] for action, resource in asked["calls"]]
         for name, document in asked["documents"].items()}

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"


def client(service, key=None):
    key = key or {"AccessKeyId": "setup", "SecretAccessKey": "setup"}
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                        aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key.get("SessionToken"))


iam = client("iam")
trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
iam.create_user(UserName="server")
iam.put_user_policy(UserName="server", PolicyName="all", PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
key = iam.create_access_key(UserName="server")["AccessKey"]
roles = {}
for name, document in asked["documents"].items():
    roles[name] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document)
reset = urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset, timeout=600).read()


def outcome(call):
    try:
        call()
        return "allowed"
    except ClientError as error:
        code = error.response["Error"]["Code"]
        # CloudWatch Logs' answer has a status and no code.
        return "denied" if code in ("AccessDenied", "UnauthorizedOperation", "403") else code


made = {}
sts = client("sts", key)
for name, role in roles.items():
    session = sts.assume_role(RoleArn=role, RoleSessionName="ada")["Credentials"]
    made[name] = {
        "iam:ListUsers": outcome(client("iam", session).list_users),
        "iam:CreateUser": outcome(lambda: client("iam", session).create_user(UserName=f"by-{name}")),
        "s3:ListAllMyBuckets": outcome(client("s3", session).list_buckets),
        "logs:DescribeLogGroups": outcome(client("logs", session).describe_log_groups),
        "sts:GetSessionToken": outcome(client("sts", session).get_session_token),
        "cloudformation:DescribeStacks": outcome(client("cloudformation", session).describe_stacks),
    }
print(json.dumps({"rules": rules, "made": made}))
