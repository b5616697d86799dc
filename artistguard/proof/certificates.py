# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Certificates for Content Credentials: one the artist makes, or one that was bought.

C2PA asks for X.509 v3 certificates (C2PA 2.x, section 14.5): a leaf for signing e-mail or
documents, under a root of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from artistguard.errors import Kind, Problem
from artistguard.models import Clock

MAKER: Final = "Self-made with ArtistGuard"
"""The organisation that viewers name: nobody has looked who the artist is, and it says so."""

_NAMELESS: Final = "Name withheld"
_YEARS: Final = 20
_NAME_LIMIT: Final = 64  # X.520, ub-common-name
_SIZE_LIMIT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a signature is checked with: `chain` (PEM, the signer's first, no self-made root).

    `name` is the signer's; `root` (PEM) is what others have to trust if it is self-made, else None;
    `algorithm` is C2PA's name for how the key signs.
    """

    name: str
    algorithm: str
    chain: bytes
    root: bytes | None

    @property
    def sha256(self) -> str:
        """The fingerprint of the signer's certificate, in hex."""
        leaf = x509.load_pem_x509_certificate(self.chain)
        return hashlib.sha256(leaf.public_bytes(serialization.Encoding.DER)).hexdigest()


def make_key() -> bytes:
    """A new P-256 key, as PKCS 8 in DER: 138 bytes."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _spell_key(key, serialization.Encoding.DER)


def make_certificate(key: bytes, name: str, clock: Clock) -> Certificate:
    """A certificate for a key of `make_key`, under a root whose key nobody has from now on."""
    leaf_key = serialization.load_der_private_key(key, None)
    assert isinstance(leaf_key, ec.EllipticCurvePrivateKey)
    root_key = ec.generate_private_key(ec.SECP256R1())
    called = (name or _NAMELESS)[:_NAME_LIMIT]
    root_name, leaf_name = _named(f"Root of {called}"[:_NAME_LIMIT]), _named(called)
    begins = clock().replace(microsecond=0) - timedelta(days=1)
    ends = begins + timedelta(days=_YEARS * 365)

    def signed(
        subject: x509.Name, public: ec.EllipticCurvePublicKey, *, is_root: bool
    ) -> x509.Certificate:
        draft = x509.CertificateBuilder(
            root_name, subject, public, x509.random_serial_number(), begins, ends
        )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
        draft = draft.add_extension(x509.BasicConstraints(is_root, None), critical=True)
        draft = draft.add_extension(_usage(is_root=is_root), critical=True)
        draft = draft.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
        )
        draft = draft.add_extension(authority, critical=False)
        if not is_root:
            purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            draft = draft.add_extension(purposes, critical=False)
        return draft.sign(root_key, hashes.SHA256())

    root = signed(root_name, root_key.public_key(), is_root=True)
    leaf = signed(leaf_name, leaf_key.public_key(), is_root=False)
    return Certificate(called, "es256", _pem(leaf), _pem(root))


def fits(chain: bytes, key: bytes, clock: Clock) -> bool:
    """Whether a self-made certificate belongs to a key of `make_key`, and is good for a day yet."""
    leaf = x509.load_pem_x509_certificate(chain)
    public = serialization.load_der_private_key(key, None).public_key()
    lasts = leaf.not_valid_after_utc > clock() + timedelta(days=1)
    return lasts and leaf.public_key() == public


def pem_of(key: bytes) -> bytes:
    """A key of `make_key` as PEM."""
    loaded = serialization.load_der_private_key(key, None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return _spell_key(loaded, serialization.Encoding.PEM)


def read_bought(
    chain: bytes, key: bytes, passphrase: bytes | None, clock: Clock
) -> tuple[Certificate, bytes]:
    """A certificate with those above it (PEM, the signer's first), and its key as PKCS 8 in PEM.

    Raises Problem (CERTIFICATE_UNUSABLE) with a `reason`: ``chain``, ``key``, ``passphrase``,
    ``pair`` for a key of another certificate, ``date`` or ``algorithm``.
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain[:_SIZE_LIMIT])
    except ValueError as error:
        raise Problem(Kind.CERTIFICATE_UNUSABLE, reason="chain") from error
    try:
        private = serialization.load_pem_private_key(key[:_SIZE_LIMIT], passphrase)
    except TypeError as error:  # one was needed, or given and not needed
        raise Problem(Kind.CERTIFICATE_UNUSABLE, reason="passphrase") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Problem(Kind.CERTIFICATE_UNUSABLE, reason="key") from error
    leaf = certificates[0]
    if leaf.public_key() != private.public_key():
        raise Problem(Kind.CERTIFICATE_UNUSABLE, reason="pair")
    if not leaf.not_valid_before_utc <= clock() <= leaf.not_valid_after_utc:
        raise Problem(Kind.CERTIFICATE_UNUSABLE, reason="date")
    algorithm = _algorithm(private)
    if algorithm is None:
        raise Problem(Kind.CERTIFICATE_UNUSABLE, reason="algorithm")
    kept = [one for one in certificates if one is leaf or one.subject != one.issuer]
    chained = b"".join(map(_pem, kept))
    spelt = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Certificate(_called(leaf.subject), algorithm, chained, None), spelt


def _algorithm(key: object) -> str | None:
    """How C2PA 2.x, section 13.2.1, has a key sign; None where it has it sign nothing."""
    match key:
        case ec.EllipticCurvePrivateKey():
            curves = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
            return curves.get(key.curve.name)
        case rsa.RSAPrivateKey() if key.key_size >= 2_048:
            return "ps256"
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
    return None


def _named(common: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, MAKER), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _called(subject: x509.Name) -> str:
    names: Sequence[x509.NameAttribute[str | bytes]] = [
        *subject.get_attributes_for_oid(NameOID.COMMON_NAME),
        *subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME),
    ]
    return str(names[0].value) if names else _NAMELESS


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )


def _spell_key(key: ec.EllipticCurvePrivateKey, how: serialization.Encoding) -> bytes:
    return key.private_bytes(how, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
