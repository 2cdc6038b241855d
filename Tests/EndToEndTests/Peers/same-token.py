"""Makes a Bedrock token with AWS's own generator, for the credentials in the environment and the moment, life and
region that a token on standard input was made for. Prints it: the same bytes, if both do the same.
"""

import base64
import datetime
import os
import sys
import urllib.parse
from unittest import mock

from aws_bedrock_token_generator.token_generator import _generate_token
from botocore.credentials import Credentials

theirs = base64.b64decode(sys.stdin.read().strip().removeprefix("bedrock-api-key-")).decode()
values = dict(urllib.parse.parse_qsl(theirs.split("?", 1)[1]))
moment = datetime.datetime.strptime(values["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
region = values["X-Amz-Credential"].split("/")[2]
credentials = Credentials(
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ.get("AWS_SESSION_TOKEN"))
with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: moment.replace(tzinfo=None)):
    print(_generate_token(credentials, region, int(values["X-Amz-Expires"])))
