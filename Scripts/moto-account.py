"""Makes an AWS account in a running moto server, then switches its authentication on.

usage: moto-account.py URL

Prints what the vending server needs as NAME=VALUE lines: a user that may assume the role "bedrock", and its key.
From then on a wrong signature is refused, and IAM policies count.
"""

import json
import sys
import urllib.request

import boto3

url = sys.argv[1]
nobody = {"aws_access_key_id": "setup", "aws_secret_access_key": "setup", "region_name": "us-east-1"}
iam = boto3.client("iam", endpoint_url=url, **nobody)


def policy(actions, resource="*"):
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


iam.create_user(UserName="vending-server")
key = iam.create_access_key(UserName="vending-server")["AccessKey"]
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]}
role = iam.create_role(RoleName="bedrock", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
iam.put_user_policy(UserName="vending-server", PolicyName="assume",
                    PolicyDocument=policy(["sts:AssumeRole", "sts:GetCallerIdentity"]))
iam.put_role_policy(RoleName="bedrock", PolicyName="use",
                    PolicyDocument=policy(["bedrock:*", "sts:GetCallerIdentity"]))
reset = urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset, timeout=10).read()

print("AWS_ACCESS_KEY_ID=" + key["AccessKeyId"])
print("AWS_SECRET_ACCESS_KEY=" + key["SecretAccessKey"])
print("AWS_ENDPOINT_URL=" + url)
print("BURSAR_ROLE_ARN=" + role["Arn"])
print("BURSAR_REGION=us-east-1")
