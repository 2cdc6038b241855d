"""Holds policy documents to other people's knowledge of IAM: moto takes and enforces them, policy_sentry knows actions.

Reads one JSON object from standard input: {"trust": …, "server": …, "access": {name: …}}; ends with 1 and says why
where something is wrong. What moto can't tell: it has none of Bedrock's calls, lets a missing external id pass (not a
wrong one), and looks at no other condition.
"""

import fnmatch
import json
import logging
import re
import sys
import urllib.request

import boto3
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer
from policy_sentry.querying.actions import get_action_data, get_actions_for_service

GLOBAL_CONDITIONS = {"aws:RequestedRegion", "aws:CurrentTime", "aws:SourceIp", "aws:ResourceTag/bursar"}


def fits(arn, form):
    """Whether an ARN with wildcards can be one of the form's."""
    if form == "*":
        return True
    parts, pattern = arn.split(":", 5), form.split(":", 5)
    pairs = zip(parts[:5], pattern[:5])
    kinds = [re.split("[/:]", part)[0] for part in (parts[5], pattern[5])]
    return all(a == p or p.startswith("${") or a == "*" for a, p in pairs) and kinds[0] == kinds[1]


def check_words(name, document):
    """Every action exists, is of one of the resources it names, and knows the conditions."""
    assert document["Version"] == "2012-10-17", name
    for statement in document["Statement"]:
        for action in statement["Action"]:
            if action == "*":
                continue
            service, word = action.split(":")
            if word.endswith("*"):
                known = [name for name in get_actions_for_service(service) if fnmatch.fnmatch(name, action)]
                assert known, f"{name}: nothing is {action}"
                word = known[0].split(":")[1]
            data = get_action_data(service, word)
            assert data, f"{name}: {action} is no action"
            rows = data[service]
            forms = {row["resource_arn_format"] for row in rows}
            keys = {key for row in rows for key in row["condition_keys"]} | GLOBAL_CONDITIONS
            resources = statement.get("Resource", ["*"])
            for arn in resources:
                assert arn == "*" or any(fits(arn, form) for form in forms), f"{name}: {action} on {arn}"
            for values in statement.get("Condition", {}).values():
                for key in values:
                    # policy_sentry misses sts:ExternalId where AWS's table has it: with AssumeRole.
                    known = key in keys or (action, key) == ("sts:AssumeRole", "sts:ExternalId")
                    assert known, f"{name}: {action} doesn't know {key}"


def code(call, **arguments):
    try:
        call(**arguments)
        return "granted"
    except ClientError as error:
        return error.response["Error"]["Code"]


documents = json.load(sys.stdin)
check_words("trust", documents["trust"])
check_words("server", documents["server"])
for name, document in documents["access"].items():
    check_words(name, document)

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"


def client(service, key=None, region="eu-central-1"):
    key = key or {"AccessKeyId": "setup", "SecretAccessKey": "setup"}
    return boto3.client(
        service, endpoint_url=url, region_name=region, aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key.get("SessionToken"))


iam = client("iam")
for role in ("bedrock", "other"):
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(documents["trust"]))
for name, document in documents["access"].items():
    arn = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    if name == "listing":
        iam.attach_role_policy(RoleName="bedrock", PolicyArn=arn)
iam.create_user(UserName="server")
iam.put_user_policy(UserName="server", PolicyName="assume", PolicyDocument=json.dumps(documents["server"]))
key = iam.create_access_key(UserName="server")["AccessKey"]
# May ask for everything: only the role's trust policy keeps it out.
iam.create_user(UserName="stranger")
iam.put_user_policy(UserName="stranger", PolicyName="all", PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
stranger = iam.create_access_key(UserName="stranger")["AccessKey"]
reset = urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset, timeout=600).read()

sts = client("sts", key)
with_id = {"RoleSessionName": "ada", "ExternalId": "bursar-1"}
roles = {role: f"arn:aws:iam::123456789012:role/{role}" for role in ("bedrock", "other")}
granted = sts.assume_role(RoleArn=roles["bedrock"], **with_id)["Credentials"]
outcomes = {
    "another external id": code(
        sts.assume_role, RoleArn=roles["bedrock"], RoleSessionName="ada", ExternalId="bursar-2"),
    "another role": code(sts.assume_role, RoleArn=roles["other"], **with_id),
    "another user": code(client("sts", stranger).assume_role, RoleArn=roles["bedrock"], **with_id),
    "session lists users": code(client("iam", granted).list_users),
}
print(json.dumps(outcomes))
