#!/usr/bin/env python3
"""Prints every record of a restored snapshot, checking everything on the way. Written from FORMAT.md alone.

Usage: read_records.py DIRECTORY [COLLECTION...]
Output: one line per record, {"collection": NAME, "record": LINE}, in order of ids. Ends with 1 at the first damage.
"""
import hashlib
import json
import os
import sys


class Damaged(Exception):
    pass


def need(condition, where, what):
    if not condition:
        raise Damaged(f"{where}: {what}")


def read(*parts):
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


def sealed(*parts):
    """A sealed JSON file; returns the object."""
    raw, where = read(*parts), os.path.join(*parts)
    body, tail = raw[:-76], raw[-76:]
    need(tail[:9] == b',"seal":"' and tail[73:] == b'"}\n', where, "no seal")
    need(hashlib.sha256(body).hexdigest().encode() == tail[9:73], where, "wrong seal")
    value = json.loads(raw, parse_float=str, parse_int=int)
    need(value["format"] == 1, where, "newer format")
    return value


class Bytes:
    """Reads a keys part from its beginning."""

    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, count):
        self.at += count
        need(self.at <= len(self.raw), "keys", "too short")
        return self.raw[self.at - count:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def column(self, count):
        values = []
        while len(values) < count:
            size = min(64, count - len(values))
            width, base = self.take(1)[0], self.varint()
            packed = int.from_bytes(self.take((size * width + 7) // 8), "little")
            values += [base + (packed >> k * width) % (1 << width) for k in range(size)]
        return values

    def ids(self, count):
        form = self.take(1)[0]
        if form == 0:
            shared, own = self.column(count), self.column(count)
            text, ids, last, at = self.take(self.varint()), [], b"", 0
            for s, t in zip(shared, own):
                last = last[:s] + text[at:at + t]
                at += t
                ids.append(last)
            return ids
        if form == 1:
            digits = self.take(1)[0]
            return [b"%0*x" % (digits, number) for number in self.running(count)]
        need(form == 2, "keys", "unknown form of ids")
        squeezed, fixed = self.take(2)
        return [uuid(number, squeezed, fixed) for number in self.running(count)]

    def running(self, count):
        number = 0
        for step in self.column(count):
            number += step
            yield number


def uuid(number, squeezed, fixed):
    if squeezed:
        high, middle, low = number >> 74, number >> 62 & 0xFFF, number & ((1 << 62) - 1)
        number = high << 80 | (fixed >> 2) << 76 | middle << 64 | (fixed & 3) << 62 | low
    text = "%032x" % number
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode()


def entries(directory, run):
    """All entries of a run: id, short hash (None for a tombstone), position, length."""
    for number, part in enumerate(run["keys"]):
        where = os.path.join(directory, "keys", f"{number:06}")
        raw = read(where)
        need(len(raw) == part["bytes"] and raw[:4] == b"BSK1", where, "not a keys part")
        need(hashlib.sha256(raw[:-8]).digest()[:8] == raw[-8:], where, "wrong seal")
        source = Bytes(raw[4:-8])
        count = source.varint()
        need(count == part["entries"], where, "wrong count")
        ids, lengths, position = source.ids(count), source.column(count), part["start"]
        for key, length in zip(ids, lengths):
            yield key, source.take(7) if length else None, position, length
            position += length


class Shards:
    """The shards of a run as if they were one file."""

    def __init__(self, directory, sizes):
        self.directory, self.sizes, self.number, self.begin, self.data = directory, sizes, -1, 0, b""

    def line(self, position, length):
        while position >= self.begin + len(self.data):
            self.begin += len(self.data)
            self.number += 1
            where = os.path.join(self.directory, f"{self.number // 1000:04}", f"{self.number % 1000:04}.ndjson")
            self.data = read(where)
            need(len(self.data) == self.sizes[self.number], where, "wrong size")
        return self.data[position - self.begin:position - self.begin + length]


def check_line(line, key, short):
    """Checks a line against its key."""
    need(line[-2:] == b"}\n" and line[:6] == b'{"id":', key, "not a record")
    record = json.loads(line, parse_float=str, parse_int=str)
    need(record["id"].encode() == key, key, "other id")
    text, decode, at = line.decode(), json.JSONDecoder().raw_decode, 1
    while True:  # find where the data begin, in characters
        name, end = decode(text, at)
        if name == "data":
            break
        at = decode(text, end + 1)[1] + 1
    before, data = text[:at - 1].encode(), text[end + 1:-2].encode()
    full = record.get("hash", hashlib.sha256(data).hexdigest()[:32])
    need(full[:14] == short.hex(), key, "wrong hash")
    if "check" in record:
        before = before[:before.rindex(b',"check":"')]
        need(hashlib.sha256(before + data).hexdigest()[:16] == record["check"], key, "wrong check")
    else:
        need(set(record) == {"id", "data"}, key, "no check")


def collection(root, slug):
    description = sealed(root, "databases", slug + ".json")
    newest, shards = {}, {}
    for number, reference in enumerate(description["runs"]):
        directory = os.path.join(root, "databases", slug, reference["name"])
        run, last, count = sealed(directory, "run.json"), b"", 0
        shards[number] = Shards(directory, run["shards"])
        for key, short, position, length in entries(directory, run):
            need(key > last, directory, "ids are not in order")
            newest[key], last, count = (number, short, position, length), key, count + 1
        need(count == run["entries"] == reference["entries"], directory, "wrong count")
    total = count = 0
    signposts = [(name.encode(), rank) for name, rank in description["ranks"]][::-1]
    for key in sorted(newest):
        number, short, position, length = newest[key]
        if short is None:
            continue
        while signposts and signposts[-1][0] <= key:
            need(signposts.pop()[1] == count, slug, "wrong signpost")
        line = shards[number].line(position, length)
        check_line(line, key, short)
        total, count = total + int.from_bytes(hashlib.sha256(short + key).digest()[:16], "big"), count + 1
        yield description["collection"]["name"], line[:-1].decode()
    need(count == description["records"], slug, "wrong number of records")
    need("%032x" % (total % (1 << 128)) == description["checksum"], slug, "wrong checksum")


def main(root, wanted):
    for file in sorted(os.listdir(os.path.join(root, "databases"))):
        if file.endswith(".json"):
            for name, line in collection(root, file[:-5]):
                if not wanted or name in wanted:
                    sys.stdout.write('{"collection":%s,"record":%s}\n' % (json.dumps(name), line))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    try:
        main(sys.argv[1], sys.argv[2:])
    except Damaged as error:
        sys.exit(f"damaged: {error}")
