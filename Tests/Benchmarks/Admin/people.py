"""The researchers and keys of a made-up history, and what operators did to them."""

import base64
import ipaddress

SECOND = 1000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
ACCESS_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
GIVEN = ("Ada", "Grace", "Zoë", "Émilie", "Rosalind", "Chien-Shiung", "李", "Søren", "Nour", "Alan", "Katherine",
         "Srinivasa", "Emmy", "Sofia", "Max", "Barbara", "Ólafur", "Mária", "Tomáš", "Ngozi")
FAMILY = ("Lovelace", "Hopper", "Ångström", "du Châtelet", "Franklin", "Wu", "华", "Kierkegaard", "Haddad", "Turing",
          "Johnson", "Ramanujan", "Noether", "Kovalevskaya", "Planck", "Liskov", "Jónsson", "Telkes", "Garrigue",
          "Okonjo")


def field(text):
    text = text.encode()
    return len(text).to_bytes(4, "big") + text


class Place:
    """An address, and the network that reports count it under."""

    def __init__(self, chance):
        if chance.random() < 0.2:
            high = 0x2600 << 112 | chance.getrandbits(32) << 80
            address = ipaddress.IPv6Address(high | chance.getrandbits(16) << 64 | chance.getrandbits(64))
        else:
            address = ipaddress.IPv4Address(chance.randrange(11, 99) << 24 | chance.getrandbits(24))
        self.address = str(address)
        self.network = str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))
        self.encoded = field(self.address)


class Key:
    def __init__(self, chance, handle, issued, expires, places):
        self.id = "".join(chance.choices(BASE32, k=12))
        self.handle = handle
        self.issued = issued
        self.expires = expires
        self.revoked = None
        self.places = places
        self.habit = chance.uniform(0.1, 0.9)
        self.weight = chance.lognormvariate(0, 1)
        self.encoded = field(handle) + field(self.id)
        self.renewal = self.session_end = 0
        salt, tag = (base64.b64encode(chance.randbytes(size)).decode().rstrip("=") for size in (16, 32))
        self.hash = f"$argon2id$v=19$m=19456,t=2,p=1${salt}${tag}"

    def start_session(self, at, bits):
        """New credentials, which the server hands out until half of their hour is over."""
        self.access_key = "ASIA" + "".join(ACCESS_KEY[bits >> 5 * digit & 31] for digit in range(16))
        self.renewal = at + HOUR // 2
        self.session_end = min(at + HOUR, self.expires)
        self.access_key_encoded = field(self.access_key) + b"\0\0\0\x08" + self.session_end.to_bytes(8, "big")


class Person:
    def __init__(self, chance, index, added):
        given, family = chance.choice(GIVEN), chance.choice(FAMILY)
        self.handle = f"r{index:04}.{given[0].lower()}" if given[0].isascii() else f"r{index:04}"
        self.name = f"{given} {family}"
        self.email = f"{self.handle}@example.edu"
        self.project = f"project-{chance.randrange(60):02}"
        self.sponsor = chance.choice((None, "Prof. Noether", "Dr. Hopper"))
        self.added = added
        self.disabled = None
        # (when, tie-breaker, kind, handle, key, expires)
        self.acts = [(added, 0, "researcher_added", self.handle, "", 0)]
        self.places = [Place(chance) for _ in range(chance.randrange(1, 7))]

    def act(self, when, kind, key=None):
        self.acts.append((when, len(self.acts), kind, self.handle, key and key.id or "", key and key.expires or 0))


class Keys:
    def __init__(self, people, keys):
        self.people = people
        self.keys = keys
        self.ends = {person.handle: person.disabled for person in people}

    def alive(self, day):
        """The keys that work all of that day."""
        start, end = day * DAY, (day + 1) * DAY
        return [key for key in self.keys if key.issued < start and key.expires >= end
                and (key.revoked is None or key.revoked >= end)
                and (self.ends[key.handle] is None or self.ends[key.handle] >= end)]


def fill(database, chance, options, first, until):
    """Writes researchers and keys as they are in the end.

    Most came in the hour before the first day, the others since.
    """
    made = [Person(chance, index, moment(chance, first - 2 * HOUR, until, 0.7)) for index in range(options.researchers)]
    keys = []
    for index in range(options.keys):
        person = made[index % len(made)]
        is_first = index < len(made)
        issued = person.added + 60 * SECOND if is_first else moment(chance, person.added + HOUR, until, 0.3)
        life = 730 if is_first else chance.choice((90, 180, 365, 365))
        # Of a few keys the machine is always somewhere else.
        places = [Place(chance) for _ in range(90)] if index % 1000 == 7 else person.places
        key = Key(chance, person.handle, issued, issued + life * DAY, places)
        person.act(issued, "key_issued", key)
        if chance.random() < 0.12:
            revoked = issued + int(chance.random() * life * DAY)
            if revoked < until:
                key.revoked = revoked
                person.act(revoked, "key_revoked", key)
        keys.append(key)
    for person in made:
        if chance.random() < 0.03:
            person.disabled = moment(chance, person.added + HOUR, until, 0)
            person.act(person.disabled, "researcher_disabled")
    for person in made:
        person.acts = [(when, order, kind, handle, key or None, expires if kind == "key_issued" else None)
                       for when, order, kind, handle, key, expires in person.acts]
    database.executemany(
        "INSERT INTO researchers (handle, name, email, project, sponsor, created_at, disabled_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((person.handle, person.name, person.email, person.project, person.sponsor, person.added, person.disabled)
         for person in made))
    database.executemany(
        "INSERT INTO keys (id, researcher, project, label, hash, created_at, expires_at, revoked_at, revoked_reason)"
        " VALUES (?1, ?2, (SELECT project FROM researchers WHERE handle = ?2), ?3, ?4, ?5, ?6, ?7, ?8)",
        ((key.id, key.handle, chance.choice(("laptop", "cluster", None)), key.hash, key.issued, key.expires,
          key.revoked, key.revoked and "left") for key in keys))
    return Keys(made, keys)


def moment(chance, begin, until, at_once):
    """Some time between; in `at_once` of the cases right at the beginning."""
    span = max(until - begin - 1, 0)
    return begin + min(span, int(chance.random() * (HOUR if chance.random() < at_once else span)))
