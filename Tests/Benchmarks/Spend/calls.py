"""Makes an invocation log of a made-up year, and for each record what a program that only inserts needs of it.

Everything in it follows from the arguments; records come in the order of their times, as a log group has them.
"""

import hashlib
import os
import random
import sqlite3
import struct
import time

DAYS = 365
ACCOUNT = "123456789012"
ROLE = "arn:aws:iam::123456789012:role/bursar-bedrock"
REGIONS = ("us-east-1", "us-west-2")
MODELS = ("us.anthropic.claude-sonnet-4-6", "us.anthropic.claude-opus-4-6-v1", "anthropic.claude-haiku-4-5-20251001-v1:0",
          "global.anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0",
          "meta.llama3-3-70b-instruct-v1:0", "deepseek.r1-v1:0")
LINE = ('{"timestamp":"%s","accountId":"' + ACCOUNT + '","identity":{"arn":"arn:aws:sts::' + ACCOUNT +
        ':assumed-role/bursar-bedrock/%s"},"region":"%s","requestId":"%s","operation":"Converse","modelId":"%s",'
        '"input":{"inputContentType":"application/json","inputTokenCount":%d,"cacheReadInputTokenCount":%d,'
        '"cacheWriteInputTokenCount":%d},"output":{"outputContentType":"application/json","outputTokenCount":%d},'
        '"schemaType":"ModelInvocationLog","schemaVersion":"1.0"}\n')
# Hour, digest, day, owner, meter, tokens by class: as insert-calls.c reads it.
FACTS = struct.Struct("<q16siii4q")


def sessions(database, count):
    """Names of sessions of that many keys."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT researcher, id FROM keys WHERE canary = 0 ORDER BY id LIMIT ?", (count,))
        return [f"{researcher}+{key}" for researcher, key in rows]


def call_key(account, region, request):
    fields = b"".join(struct.pack(">I", len(text)) + text.encode() for text in (account, region, request))
    return hashlib.sha256(fields).digest()[:16]


class Active:
    """A key that is used on a day: in one region, with two models."""

    # Of all keys, the part that is used on a day.
    SHARE = 8

    def __init__(self, owner, region, models):
        self.owner, self.region, self.models = owner, region, models

    @classmethod
    def drawn(cls, draw, count):
        return [cls(owner, owner & 1, (owner % len(MODELS), draw.randrange(len(MODELS))))
                for owner in draw.sample(range(count), max(1, count // cls.SHARE))]


def make(lines, facts, names, count, until, seed=1):
    """Writes `count` records of the year before `until`, seconds since 1970, unless the files are there already."""
    if os.path.exists(lines) and os.path.exists(facts):
        return
    draw = random.Random(seed)
    start = until - DAYS * 86400
    step = DAYS * 86400 / count
    day, active = None, []
    with open(lines + ".part", "w") as log, open(facts + ".part", "wb") as table:
        for number in range(count):
            moment = int(start + number * step)
            if moment // 86400 != day:
                day, active = moment // 86400, Active.drawn(draw, len(names))
            bits = draw.getrandbits(128)
            one = active[bits % len(active)]
            model = one.models[bits >> 20 & 1]
            request = f"{bits >> 96:08x}-{bits >> 80 & 0xffff:04x}-4{bits >> 64 & 0xfff:03x}-8{bits >> 48 & 0xfff:03x}" \
                      f"-{bits & 0xffffffffffff:012x}"
            tokens = (bits & 0xfff, bits >> 12 & 0x7fff if number % 3 == 0 else 0, 0, bits >> 30 & 0x3ff)
            log.write(LINE % (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment)), names[one.owner],
                              REGIONS[one.region], request, MODELS[model], *tokens))
            table.write(FACTS.pack(moment // 3600, call_key(ACCOUNT, REGIONS[one.region], request), day, one.owner,
                                   one.region * len(MODELS) + model, tokens[0], tokens[3], tokens[1], tokens[2]))
    os.rename(lines + ".part", lines)
    os.rename(facts + ".part", facts)
