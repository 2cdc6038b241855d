"""moto with its authentication on: a user that may assume the role "bedrock" and not the role "closed".

Prints its port, then one line of JSON with the user's key and the role.
"""

import json
import logging
import threading
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"
iam = boto3.client("iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
iam.create_user(UserName="ada")
key = iam.create_access_key(UserName="ada")["AccessKey"]
trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
role = iam.create_role(RoleName="bedrock", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
iam.create_role(RoleName="closed", AssumeRolePolicyDocument=trust)
iam.put_user_policy(UserName="ada", PolicyName="assume", PolicyDocument=json.dumps({
    "Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role},
        {"Effect": "Allow", "Action": ["sts:GetCallerIdentity", "sts:GetSessionToken"], "Resource": "*"}]}))
iam.put_role_policy(RoleName="bedrock", PolicyName="use", PolicyDocument=json.dumps({
    "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]}))
reset = urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset, timeout=600).read()
print(f"listening {port}", flush=True)
print(json.dumps({"accessKeyID": key["AccessKeyId"], "secret": key["SecretAccessKey"], "role": role}), flush=True)
threading.Event().wait()
