"""Tables of what notices tell: aspects, problems and what was done about them, promises, windows, and the search."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.models.table import Identifier, Serial, Table

_Day = String(10)  # an ISO date
_Word = String(20)  # of a closed set


def _of_account() -> ForeignKeyConstraint:
    parent = ["accounts.notice_id", "accounts.number"]
    return ForeignKeyConstraint(["notice_id", "problem_number"], parent, ondelete="CASCADE")


class Aspect(Table):
    """A group of problems under one heading of a notice's latest revision."""

    __tablename__ = "aspects"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None] = mapped_column(Text)


class Problem(Table):
    """A problem as a lasting identity, and how it stands by all that the notices that name it say.

    One that no notice names any more keeps its row and its history.
    """

    __tablename__ = "problems"

    id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notices.id", ondelete="SET NULL"), index=True)
    """The earliest notice that names it."""
    title: Mapped[str] = mapped_column(Text)
    """In the words of that notice."""
    status: Mapped[str | None] = mapped_column(_Word)
    """Of the latest notice that gives one."""
    status_text: Mapped[str | None] = mapped_column(Text)
    due_by: Mapped[str | None] = mapped_column(_Day)
    """The day promised by the latest notice that promises one."""
    due_precision: Mapped[str | None] = mapped_column(_Word)
    changed_at: Mapped[datetime]
    """When its status changed last, or when it was first seen."""
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_problems_status_id", "status", "id"), Index("ix_problems_due_by", "due_by"))


class Account(Table):
    """What one notice's latest revision says of a problem."""

    __tablename__ = "accounts"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """Runs on through the notice, from 1."""
    aspect: Mapped[int]
    """The number of its aspect."""
    problem_id: Mapped[str] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), index=True)
    printed_number: Mapped[int | None]
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(_Word)
    status_text: Mapped[str | None] = mapped_column(Text)
    due: Mapped[str | None] = mapped_column(_Day)
    text: Mapped[str] = mapped_column(Text)


class Measure(Table):
    """One step that was taken about a problem, in an account's order."""

    __tablename__ = "measures"

    notice_id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    problem_number: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (_of_account(),)


class Status(Table):
    """A problem's status became another: by which revision of which notice. The history of a problem."""

    __tablename__ = "statuses"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    problem_id: Mapped[str] = mapped_column(ForeignKey("problems.id", ondelete="CASCADE"), index=True)
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notices.id", ondelete="SET NULL"), index=True)
    revision: Mapped[int]
    """The number of the revision that was recorded when it changed."""
    status: Mapped[str | None] = mapped_column(_Word)
    status_text: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class Commitment(Table):
    """A dated promise of a notice's latest revision that a problem will be finished."""

    __tablename__ = "commitments"

    notice_id: Mapped[str] = mapped_column(Identifier, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    problem_number: Mapped[int]
    due_by: Mapped[str] = mapped_column(_Day, index=True)
    precision: Mapped[str] = mapped_column(_Word)
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (_of_account(), Index("ix_commitments_problem", "notice_id", "problem_number"))


class CommentWindow(Table):
    """The days on which a notice asks the public for its word (公开期限), both included."""

    __tablename__ = "comment_windows"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    opens_on: Mapped[str | None] = mapped_column(_Day)
    closes_on: Mapped[str | None] = mapped_column(_Day)


class Appointment(Table):
    """A day on which something is to be told of a promise or a window, unless it is no longer so by then.

    Made when a day that has not passed is first read; judged once, when its time has come (`worker.due`).
    """

    __tablename__ = "agenda"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    type: Mapped[str] = mapped_column(String(60))
    """Of the event."""
    about: Mapped[str] = mapped_column(Identifier)
    """The problem whose promise it is, or the notice whose window."""
    day: Mapped[str] = mapped_column(_Day)
    """What is told is told of this day, not always on it."""
    made_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    rule: Mapped[str | None] = mapped_column(String(40))
    """Why it was told, or why not."""

    __table_args__ = (
        UniqueConstraint("type", "about", "day"),
        Index(
            "ix_agenda_ahead",
            "type",
            "day",
            postgresql_where=text("judged_at IS NULL"),
            sqlite_where=text("judged_at IS NULL"),
        ),
    )


class Searchable(Table):
    """A text that can be searched: of a whole notice (number 0), or of its n-th problem.

    The text is folded (`shared.width`). What makes it quick is the migration's: on PostgreSQL the index below, on
    SQLite the table `searchable_index`, which triggers keep.
    """

    __tablename__ = "searchable"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("uq_searchable_notice_id_number", "notice_id", "number", unique=True),
        Index("ix_searchable_text", "text", postgresql_using="gin", postgresql_ops={"text": "gin_trgm_ops"}).ddl_if(
            dialect="postgresql"
        ),
    )


class EdgeLine(Table):
    """A line near an end of a notice's body: on many notices of a source it is furniture (`shared.db.learned`)."""

    __tablename__ = "edge_lines"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The line as it is compared: narrow, without white space."""
    text: Mapped[str] = mapped_column(String(80))
