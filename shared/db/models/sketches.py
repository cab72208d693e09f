"""Tables by which the same text is found at another address: a sketch of each text that was told, and its bands."""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Serial, Table


class Sketch(Table):
    """What one revision's text is recognised by."""

    __tablename__ = "sketches"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Of the revision."""
    minima: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The text's MinHash; None where it is too short for one, and only the very same text is the same."""

    __table_args__ = (UniqueConstraint("notice_id", "number"),)


class SketchBand(Table):
    """Texts that share a band are likely to be nearly the same: the index that makes looking one up cheap."""

    __tablename__ = "sketch_bands"

    sketch: Mapped[int] = mapped_column(
        Serial, ForeignKey("sketches.serial", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

    __table_args__ = (Index("ix_sketch_bands_band_sketch", "band", "sketch"), {"sqlite_with_rowid": False})
