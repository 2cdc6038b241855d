"""Asks for credentials over TLS again and again, each time from another address of this machine and with the next key.

usage: load.py URL CA_FILE WIDTH    keys on standard input, one a line

Prints "listening 0", then a line for each answer, until it is stopped: "200 ADDRESS", or status and code.
"""

import http.client
import itertools
import json
import os
import ssl
import sys
import threading
import urllib.parse

url, authority, width = sys.argv[1:4]
keys = sys.stdin.read().split()
place = urllib.parse.urlsplit(url)
context = ssl.create_default_context(cafile=authority)
numbers = itertools.count(1)


def ask(number):
    address = f"127.{1 + (number >> 14) % 250}.{number >> 7 & 127}.{1 + (number & 127)}"
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=context, timeout=60,
                                             source_address=(address, 0))
    try:
        connection.request("GET", "/credentials", headers={"x-api-key": keys[number % len(keys)]})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        return f"200 {address}" if answer.status == 200 else f"{answer.status} {body['error']}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"none {type(error).__name__}"
    finally:
        connection.close()


def work():
    while True:
        os.write(1, (ask(next(numbers)) + "\n").encode())


print("listening 0", flush=True)
workers = [threading.Thread(target=work) for _ in range(int(width))]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
