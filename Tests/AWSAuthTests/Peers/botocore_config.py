"""Makes up config files and prints how botocore reads them, as JSON: [[text, {section: {name: value}} or null]]."""

import json
import os
import random
import sys
import tempfile

from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError

PIECES = ["[a]", "[profile b]", "[default]", "[DEFAULT]", "[", "]", "[]", "[ c ]", "[d]]x", "a", "b", "s3", "=", ":", " = ",
          "\n", "\n", "\n", "\r\n", "\r", " ", "  ", "\t", "#", ";", "# x", "x = 1", "Y: 2", "z =", "z=", "= v", "\n  k = v",
          "\n\tl=m=n", "\n \n", "%", "%(a)s", "\u00a0", "ü", "É = é", "\x0b", "\x0c", "\x1c", "\u2028", "\x85", "\\", '"', "'"]


def text(chance):
    start = chance.choice(["", "[s]\n", "[s]\nq = r\n", "[profile t]\n"])
    return start + "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 14)))


def read(content):
    with tempfile.NamedTemporaryFile("w", newline="", encoding="utf-8", delete=False) as file:
        file.write(content)
    try:
        return raw_config_parse(file.name)
    except ConfigParseError:
        return None
    finally:
        os.unlink(file.name)


chance = random.Random(int(sys.argv[1]))
print(json.dumps([[content, read(content)] for content in (text(chance) for _ in range(int(sys.argv[2])))]))
