"""The standard library: archives, documents, databases, patterns."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import tarfile
import wave
import zipfile

from .client import std
from .given import a_dbm, a_table, an_archive
from .samples import exactly, text


def zipped(n: int) -> bytes:
    """An archive with one member, `a`, of text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", text(n))
    return out.getvalue()


def tarred(n: int) -> bytes:
    """An archive with one member, `a`, of text."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a")
        info.size = n
        archive.addfile(info, io.BytesIO(text(n)))
    return out.getvalue()


def sound(n: int) -> bytes:
    """A WAVE file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(text(n // 2 * 2))
    return out.getvalue()


def database(n: int) -> bytes:
    """A database with a table of one blob."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table t (b)")
        connection.execute("insert into t values (?)", (text(n),))
        connection.commit()
        return connection.serialize()


def markup(n: int) -> bytes:
    """XML with a long text."""
    return b"<a><b>" + text(n) + b"</b></a>"


def mail(n: int) -> bytes:
    """A message with a header and a body."""
    return b"Subject: hello\n\n" + text(n)


ETREE = {"imports": "from xml.etree import ElementTree", "data": markup}


CLIENTS = (
    # Archives.
    std(
        "zipfile.ZipFile(x).read('a')",
        "AAA=AA",
        takes="file",
        data=zipped,
        instead="zipfile.ZipFile(v.open()).read('a')",
    ),
    std("zipfile.is_zipfile(x)", "TTT=TT", takes="file", data=zipped, instead="zipfile.is_zipfile(v.open())"),
    std(
        "z.writestr('b', x); z.close(); zipfile.ZipFile(out).read('b')",
        "=bbTt=",
        given=an_archive,
        instead="with z.open('b', 'w') as f: v.write_to(f)\nz.close(); zipfile.ZipFile(out).read('b')",
        unharmed="z.namelist() == ['a'] and z.close() is None and zipfile.ZipFile(out).testzip() is None",
        faults={
            "view memoryview fragments": "It writes the head of the member before it asks for the memory. The archive keeps a member that is broken."
        },
    ),
    std(
        "tarfile.open(fileobj=x).extractfile('a').read()",
        "AAA=AA",
        takes="file",
        data=tarred,
        instead="tarfile.open(fileobj=v.open()).extractfile('a').read()",
    ),
    std(
        "info = tarfile.TarInfo('a'); info.size = n; out = io.BytesIO(); t = tarfile.open(fileobj=out, mode='w'); t.addfile(info, x); out.getvalue()",
        "AAA=AA",
        takes="file",
        instead="info = tarfile.TarInfo('a'); info.size = n; out = io.BytesIO(); t = tarfile.open(fileobj=out, mode='w'); t.addfile(info, v.open()); out.getvalue()",
    ),
    std(
        "wave.open(x).readframes(9)",
        "AAA=AA",
        takes="file",
        data=sound,
        instead="wave.open(v.open()).readframes(9)",
    ),
    std(
        "out = io.BytesIO(); w = wave.open(out, 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); w.writeframes(x); w.close(); out.getvalue()",
        "=TTTT=",
        data=lambda n: text(n // 2 * 2),
        instead="out = io.BytesIO(); w = wave.open(out, 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); w.writeframes(bytes(v)); w.close(); out.getvalue()",
    ),
    std("d['a'] = x; d['a']", "TTTTTT", given=a_dbm, scales=False, instead="d['a'] = bytes(v); d['a']"),
    # Documents.
    std(
        "ElementTree.fromstring(x)[0].text",
        "=BBTT=",
        **ETREE,
        instead="ElementTree.parse(v.open()).getroot()[0].text",
    ),
    std(
        "ElementTree.parse(x).getroot()[0].text",
        "TTT=TT",
        takes="file",
        **ETREE,
        instead="ElementTree.parse(v.open()).getroot()[0].text",
    ),
    std(
        "p = ElementTree.XMLPullParser(); p.feed(x); [e.tag for _, e in p.read_events()]",
        "=BBTT=",
        **ETREE,
        instead="p = ElementTree.XMLPullParser()\nfor part in v.fragments: p.feed(part)\n[e.tag for _, e in p.read_events()]",
    ),
    std(
        "p = xml.parsers.expat.ParserCreate(); p.Parse(x, True)",
        "=BBTT=",
        imports="import xml.parsers.expat",
        data=markup,
        instead="p = xml.parsers.expat.ParserCreate(); p.ParseFile(v.open())",
    ),
    std(
        "xml.dom.minidom.parseString(x).documentElement.tagName",
        "=BBTT=",
        imports="import xml.dom.minidom",
        data=markup,
        instead="xml.dom.minidom.parse(v.open()).documentElement.tagName",
    ),
    std(
        "xml.sax.parseString(x, xml.sax.ContentHandler())",
        "=BBTT=",
        imports="import xml.sax",
        data=markup,
        instead="xml.sax.parse(v.open(), xml.sax.ContentHandler())",
    ),
    std(
        "email.message_from_bytes(x)['subject']",
        "AAAAAA",
        imports="import email",
        data=mail,
        instead="email.message_from_binary_file(v.open())['subject']",
    ),
    std(
        "email.message_from_binary_file(x)['subject']",
        "AAA=AA",
        imports="import email",
        takes="file",
        data=mail,
        instead="email.message_from_binary_file(v.open())['subject']",
    ),
    std(
        "p = email.parser.BytesFeedParser(); p.feed(x); p.close()['subject']",
        "AAAAAA",
        imports="import email.parser",
        data=mail,
        scales=False,
        instead="p = email.parser.BytesFeedParser()\nfor part in v.fragments: p.feed(bytes(part))\np.close()['subject']",
    ),
    std(
        "email.mime.application.MIMEApplication(x).get_payload()",
        "=BBTT=",
        imports="import email.mime.application",
        instead="email.mime.application.MIMEApplication(bytes(v)).get_payload()",
    ),
    std(
        "m = email.message.EmailMessage(); m.set_content(x, 'image', 'png'); m.get_content()",
        "EEBEE=",
        imports="import email.message",
        scales=False,
        instead="m = email.message.EmailMessage(); m.set_content(bytes(v), 'image', 'png'); m.get_content()",
    ),
    std(
        "len(list(tokenize.tokenize(x.readline)))",
        "AAA=AA",
        takes="file",
        data=exactly(b"import sys\nprint(1)\n" * 30),
        scales=False,
        instead="len(list(tokenize.tokenize(v.open().readline)))",
    ),
    std(
        "ast.dump(ast.parse(x))",
        "=TTTT=",
        data=exactly(b"import sys\nprint(1)\n" * 30),
        scales=False,
        instead="ast.dump(ast.parse(bytes(v)))",
    ),
    std(
        "importlib.util.decode_source(x)",
        "ABBTTA",
        imports="import importlib.util",
        instead="importlib.util.decode_source(bytes(v))",
    ),
    # Databases.
    std(
        "db.execute('insert into t values (?)', (x,)); db.execute('select b from t').fetchone()",
        "=BBEE=",
        given=a_table,
        instead="db.execute('insert into t values (?)', (bytes(v),)); db.execute('select b from t').fetchone()",
    ),
    std(
        "db.deserialize(x); db.execute('select b from t').fetchone()",
        "=BBTT=",
        data=database,
        given=a_table,
        instead="db.deserialize(bytes(v)); db.execute('select b from t').fetchone()",
    ),
    std(
        "db.execute('insert into t values (zeroblob(?))', (n,)); b = db.blobopen('t', 'b', 1); b.write(x); b.seek(0); b.read()",
        "=BBTT=",
        given=a_table,
        scales=False,
        instead="db.execute('insert into t values (zeroblob(?))', (n,)); b = db.blobopen('t', 'b', 1)\nfor part in v.fragments: b.write(part)\nb.seek(0); b.read()",
    ),
    # Patterns.
    std("re.search(rb'l.zy', x).span()", "=TTTT=", instead="fragview.re.search(rb'l.zy', v).span()"),
    std("re.findall(rb'[a-z]+', x)", "=TTTT=", scales=False, instead="fragview.re.findall(rb'[a-z]+', v)"),
    std("re.sub(rb'o', b'0', x)", "=TTTT=", scales=False, instead="re.sub(rb'o', b'0', bytes(v))"),
    std("re.split(rb' ', x)", "=TTTT=", scales=False, instead="fragview.re.split(rb' ', v)"),
    std(
        "re.compile(rb'The').match(x).group()",
        "=TTTT=",
        instead="fragview.re.compile(rb'The').match(v).group()",
    ),
)
