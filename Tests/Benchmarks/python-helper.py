"""What `creds process` is compared with: a credential_process as people write it in Python, on a cache hit.

It does what the helpers in the field do and no more: imports an HTTP library in case it has to ask, reads a JSON cache,
checks its fields and when it ends, and prints it. usage: python-helper.py CACHE
"""

import datetime
import json
import sys

import requests
import requests.adapters

FIELDS = ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]


def session():
    """The connection that a cache miss would need, made before anybody knows that it is a hit."""
    session = requests.Session()
    session.mount("https://", requests.adapters.HTTPAdapter(max_retries=1))
    return session


def cached(path):
    with open(path) as file:
        credentials = json.load(file)
    end = datetime.datetime.fromisoformat(credentials["Expiration"].replace("Z", "+00:00"))
    left = end - datetime.datetime.now(datetime.timezone.utc)
    if left < datetime.timedelta(minutes=5) or any(field not in credentials for field in FIELDS):
        sys.exit("the cache is stale")
    return credentials


connection = session()
print(json.dumps(cached(sys.argv[1])))
