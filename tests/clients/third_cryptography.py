"""Libraries of encodings and cryptography."""

from __future__ import annotations

from .client import Client
from .phrases import fed, joined
from .samples import exactly, made, noise, text

AES = "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes"


HASH = "from cryptography.hazmat.primitives import hashes"


CIPHER = "Cipher(algorithms.AES(bytes(16)), modes.CTR(bytes(16))).encryptor()"


KEY = noise(32)


def certificate() -> bytes:
    """A self-signed certificate, as PEM."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    key = Ed25519PrivateKey.from_private_bytes(KEY)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fragview")])
    day = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, day, day + datetime.timedelta(1))
    return builder.sign(key, None).public_bytes(Encoding.PEM)


CLIENTS = (
    # Encodings.
    Client("pybase64", "pybase64.b64encode(x)", "=BBTT=", instead="pybase64.b64encode(bytes(v))"),
    Client(
        "pybase64",
        "pybase64.b64decode(x)",
        "=BBTT=",
        data=made("base64", "b64encode"),
        instead="pybase64.b64decode(bytes(v))",
    ),
    Client(
        "charset-normalizer",
        "charset_normalizer.from_bytes(x).best().encoding",
        "TTTTTT",
        scales=False,
        instead="charset_normalizer.from_bytes(bytes(v)).best().encoding",
    ),
    Client(
        "charset-normalizer",
        "charset_normalizer.from_fp(x).best().encoding",
        "AAA=AA",
        takes="file",
        scales=False,
        instead="charset_normalizer.from_fp(v.open()).best().encoding",
    ),
    # Cryptography.
    Client(
        "cryptography",
        "h = hashes.Hash(hashes.SHA256()); h.update(x); h.finalize()",
        "=BBTT=",
        imports=HASH,
        instead=fed("hashes.Hash(hashes.SHA256())", end="h.finalize()"),
    ),
    Client(
        "cryptography",
        "c = Cipher(algorithms.AES(bytes(16)), modes.CTR(bytes(16))).encryptor(); c.update(x)",
        "=BBTT=",
        imports=AES,
        instead=joined(CIPHER, "update"),
    ),
    Client(
        "cryptography",
        "c = Cipher(algorithms.AES(bytes(16)), modes.CTR(bytes(16))).encryptor(); c.update_into(data, x)",
        "=BBTT=",
        imports=AES,
        fills=True,
        instead=f"with v.gather() as whole: {CIPHER}.update_into(data, whole)\nNone",
    ),
    Client(
        "cryptography",
        "AESGCM(bytes(16)).encrypt(bytes(12), x, b'')",
        "=BBTT=",
        imports="from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
        instead="AESGCM(bytes(16)).encrypt(bytes(12), bytes(v), b'')",
    ),
    Client(
        "cryptography",
        "Ed25519PrivateKey.from_private_bytes(x).sign(b'message')",
        "=BBTT=",
        imports="from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey",
        data=exactly(KEY),
        scales=False,
        instead="Ed25519PrivateKey.from_private_bytes(bytes(v)).sign(b'message')",
    ),
    Client(
        "cryptography",
        "Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(x)",
        "=BBTT=",
        imports="from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey",
        instead="Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(bytes(v))",
    ),
    Client(
        "cryptography",
        "load_pem_x509_certificate(x).serial_number",
        "TTTTTT",
        imports="from cryptography.x509 import load_pem_x509_certificate",
        data=lambda n: certificate(),
        scales=False,
        instead="load_pem_x509_certificate(bytes(v)).serial_number",
    ),
    Client(
        "pycryptodome",
        "SHA256.new(x).digest()",
        "TTBTT=",
        imports="from Crypto.Hash import SHA256",
        instead=fed("SHA256.new()"),
    ),
    Client(
        "pycryptodome",
        "AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8)).encrypt(x)",
        "TTBTT=",
        imports="from Crypto.Cipher import AES",
        instead=joined("AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8))", "encrypt"),
    ),
    Client(
        "pycryptodome",
        "AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8)).encrypt(data, output=x)",
        "TTBTT=",
        imports="from Crypto.Cipher import AES",
        fills=True,
        instead="with v.gather() as whole: AES.new(bytes(16), AES.MODE_CTR, nonce=bytes(8)).encrypt(data, output=whole)\nNone",
    ),
    Client(
        "pycryptodome",
        "pad(x, 16)",
        "==TTTT",
        imports="from Crypto.Util.Padding import pad",
        instead="pad(bytes(v), 16)",
    ),
    Client(
        "pycryptodome",
        "strxor(x, data)",
        "TTBTV=",
        imports="from Crypto.Util.strxor import strxor",
        instead="strxor(bytes(v), data)",
    ),
    Client(
        "PyNaCl",
        "nacl.hash.sha256(x)",
        "TTTTTT",
        imports="import nacl.hash",
        instead="nacl.hash.sha256(bytes(v))",
    ),
    Client(
        "PyNaCl",
        "nacl.secret.SecretBox(bytes(32)).encrypt(x, bytes(24))",
        "TTTTTT",
        imports="import nacl.secret",
        instead="nacl.secret.SecretBox(bytes(32)).encrypt(bytes(v), bytes(24))",
    ),
    Client(
        "bcrypt",
        "bcrypt.hashpw(x, b'$2b$04$abcdefghijklmnopqrstuu')",
        "TTTTTT",
        data=lambda n: text(40),
        scales=False,
        instead="bcrypt.hashpw(bytes(v), b'$2b$04$abcdefghijklmnopqrstuu')",
    ),
    Client(
        "bcrypt",
        "bcrypt.kdf(b'password', x, 16, 1, True)",
        "TTTTTT",
        data=lambda n: text(40),
        scales=False,
        instead="bcrypt.kdf(b'password', bytes(v), 16, 1, True)",
    ),
    Client(
        "pyasn1",
        "int(decode(x)[0][1])",
        "EEE=EE",
        imports="from pyasn1.codec.der.decoder import decode",
        data=exactly(bytes.fromhex("3007020101020205d3")),
        scales=False,
        instead="int(decode(bytes(v))[0][1])",
    ),
    Client(
        "asn1crypto",
        "Sequence.load(x)[1].native",
        "TTTTTT",
        imports="from asn1crypto.core import Sequence",
        data=exactly(bytes.fromhex("3007020101020205d3")),
        scales=False,
        instead="Sequence.load(bytes(v))[1].native",
    ),
)
