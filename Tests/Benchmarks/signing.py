"""Bearer tokens and signed STS requests per second by the Python generator and botocore; arguments: seconds for each."""

import sys
import time

from aws_bedrock_token_generator import BedrockTokenGenerator
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1
token = "IQoJb3Jp/+" * 100 if "long" in sys.argv else None
credentials = Credentials("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
generator = BedrockTokenGenerator()
signer = SigV4Auth(credentials, "sts", "us-east-1")


def sign():
    signer.add_auth(AWSRequest(
        "POST", "https://sts.us-east-1.amazonaws.com/",
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        b"Action=GetCallerIdentity&Version=2011-06-15"))


def rate(work):
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(100):
            work()
        count += 100
    return int(count / (time.perf_counter() - start))


print(rate(lambda: generator.get_token(credentials, "us-east-1")), rate(sign))
