"""Prints how botocore reads files, as JSON: for each, null where it gives up, else what it finds.

usage: botocore_ini.py FILE        FILE holds a JSON list of the files' bytes in hex
       botocore_ini.py SEED COUNT  files are made up

A file is told as [hex, sections, profiles]; sections as [[name, [[option, value]…]]…], a value as text or, for an
indented block, a list of pairs; profiles as {"profiles" or "sso_sessions" or "services": [name…]}.
"""

import json
import os
import random
import sys
import tempfile

from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import ConfigParseError

# What a file is made of, hostile parts included: every line end that Python knows or doesn't, blanks of Unicode, headers
# with brackets, quotes and words in them, names in any case, byte order marks and NUL.
HEADERS = ["[a]", "[profile b]", "[default]", "[DEFAULT]", "[default ]", "[DEFAULT ]", "[]", "[]]", "[[]]", "[ c ]",
           "[d]]x", "[e] # [f]", '[profile "a b"]', "[profile 'a b]", "[profileb c]", "[profiles]", "[profile  b]",
           "[ profile b]", "[profile a b]", "[profile b]]", "[sso-session s]", "[sso-sessions t]", "[services v]",
           "[services]", "[Profile b]", "[profile\tb]", "[profile b ]", "[profile \\b]", "[profile]", "[pro file b]"]
LINES = ["x = 1", "Y: 2", "y = 3", "z =", "z=", "= v", ": v", "  k = v", "\tl=m=n", "    deep", "x = 1 # no", "x = 1 ; no",
         "x == 1", "x := 1", "x :: 1", "rem x", "REM = x", "# x", "; y", "  # x", "ü", "É = é", "e\u0301 = 1", "é = 2",
         "ΑΣ = 1", "ας = 2", "ασ = 3", "İ = 4", "i̇ = 5", "ẞ = 6", "s3 =\n  a = b\n  c=d", "s3 =\n  a = b\n  bad",
         "s3 =\n\n  a = b", "s3 =\n  # c\n  a = b", "s3 = x\n  y", "[DEFAULT]\nq = r", "[DEFAULT]\ns3 =\n  bad", "%(a)s = %"]
SIGNS = ["a", "b", "s3", "=", ":", "[", "]", " ", "  ", "\t", "#", ";", "%", "$x", "\\", '"', "'", "\u00a0", "\u3000",
         "\ufeff", "\x00", "\u200b", "\x0b", "\x0c", "\x1c", "\x1d", "\x1f", "\u2028", "\u2029", "\x85"]
ENDS = ["\n", "\n", "\n", "\r\n", "\r\n", "\r", "\r", "\n\r", " \n", ""]
BROKEN = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80"]


def made_up(chance):
    """Three files in four are of whole lines; the rest of anything."""
    parts = [chance.choice(["", "[s]\n", "[s]\nq = r\n", "[profile t]\r\n", "[DEFAULT]\rw = 1\r"])]
    for _ in range(chance.randint(0, 12)):
        if chance.random() < 0.75:
            parts.append(chance.choice(HEADERS if chance.random() < 0.35 else LINES) + chance.choice(ENDS))
        else:
            parts.append(chance.choice(SIGNS + ENDS))
    content = "".join(parts)
    if chance.random() < 0.02:
        return content.encode("utf-16")
    place = chance.randint(0, len(content)) if chance.random() < 0.03 else None
    if place is None:
        return content.encode()
    return content[:place].encode() + chance.choice(BROKEN) + content[place:].encode()


def pairs(value):
    return [[name, pairs(inner)] for name, inner in value.items()] if isinstance(value, dict) else value


def read(content):
    with tempfile.NamedTemporaryFile("wb", delete=False) as file:
        file.write(content)
    try:
        sections = raw_config_parse(file.name)
    except ConfigParseError:
        return [content.hex(), None, None]
    finally:
        os.unlink(file.name)
    found = build_profile_map(sections)
    kinds = {kind: list(found[kind]) for kind in ("profiles", "sso_sessions", "services")}
    return [content.hex(), pairs(sections), kinds]


if len(sys.argv) == 2:
    with open(sys.argv[1]) as file:
        contents = [bytes.fromhex(line) for line in json.load(file)]
else:
    chance = random.Random(int(sys.argv[1]))
    contents = [made_up(chance) for _ in range(int(sys.argv[2]))]
print(json.dumps([read(content) for content in contents]))
