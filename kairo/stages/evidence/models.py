"""Tables of evidence: what was captured where and when, and what normalisation made of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower, Now
from pgvector.django import HalfVectorField

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.evidence.contracts import CaptureStatus, SurfaceRole, SurfaceType


class Surface(TenantRow):
    """A place that is listened to; an imported file is one of type import."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    platform = models.TextField()
    surface_type = models.TextField()
    surface_key = models.TextField()
    role = models.TextField(default=SurfaceRole.MARKET)
    cadence_minutes = models.PositiveIntegerField(default=60)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    # Null until the first capture: due at once.
    next_due_at = models.DateTimeField(null=True)
    last_captured_at = models.DateTimeField(null=True)
    failure_count = models.PositiveIntegerField(default=0)
    last_error = models.TextField(null=True)
    # What the source wants back at its next capture (an ETag, say), and where a capture under way goes on.
    marks = models.JSONField(default=dict)
    cursor = models.TextField(null=True)
    claimed_by = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "surface"
        indexes = [
            models.Index(
                fields=["tenant", "next_due_at"],
                name="surface_due",
                condition=models.Q(is_active=True) & ~models.Q(surface_type=SurfaceType.IMPORT),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "brand", "platform", "surface_type", "surface_key"], name="surface_once"
            ),
            models.CheckConstraint(condition=models.Q(role__in=list(SurfaceRole)), name="surface_role_known"),
            models.CheckConstraint(condition=models.Q(surface_type__in=list(SurfaceType)), name="surface_type_known"),
        ]


class CaptureRun(TenantRow):
    """One reading of a surface. While it is under way its counts say how many records are stored or refused so far."""

    surface = models.ForeignKey(Surface, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    status = models.TextField(default=CaptureStatus.RUNNING)
    format = models.TextField(default="")
    source_sha256 = models.TextField(default="")
    item_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    undated_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    page_count = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    warnings = ArrayField(models.TextField(), default=list)
    error = models.TextField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "capture_run"
        indexes = [
            models.Index(fields=["tenant", "surface", "-started_at"], name="capture_run_newest"),
            models.Index(
                fields=["tenant", "started_at"], name="capture_run_paid", condition=models.Q(cost_usd__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=list(CaptureStatus)), name="capture_run_status_known")
        ]


class Rejection(TenantRow):
    """One record that a run refused; of very many the first are kept, and the run's count tells how many more."""

    capture_run = models.ForeignKey(CaptureRun, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    place = models.PositiveIntegerField()
    row = models.BigIntegerField()
    code = models.TextField()
    reason = models.TextField()
    excerpt = models.TextField(default="")

    class Meta(TenantRow.Meta):
        db_table = "capture_rejection"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "capture_run", "place"], name="capture_rejection_place")
        ]


class EvidenceItem(TenantRow):
    """One captured post, article or video, kept as it came; a trigger refuses to change it."""

    platform = models.TextField()
    platform_item_id = models.TextField()
    url = models.TextField(null=True)
    author_ref = models.TextField(null=True)
    # A column of its own, since under row-level security no index serves an expression.
    author_key = models.GeneratedField(expression=Lower("author_ref"), output_field=models.TextField(), db_persist=True)
    format_has_author = models.BooleanField(default=True)
    title = models.TextField(null=True)
    text_content = models.TextField(default="")
    transcript = models.TextField(null=True)
    media_type = models.TextField()
    audio_id = models.TextField(null=True)
    hashtags = ArrayField(models.TextField(), default=list)
    language = models.TextField(null=True)
    # Null where the source gives no date: such an item is kept, but lies in no window and so on no board.
    published_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField()
    raw_json = models.JSONField(default=dict)

    class Meta(TenantRow.Meta):
        db_table = "evidence_item"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "platform", "platform_item_id"], name="evidence_item_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "-published_at"], include=["platform", "id"], name="evidence_item_newest"),
            models.Index(
                fields=["tenant", "platform", "author_key"],
                name="evidence_item_of_author",
                condition=models.Q(author_key__isnull=False),
            ),
        ]


class EvidenceSighting(TenantRow):
    """One item as one capture saw it; the series of an item's sightings is its engagement over time."""

    item = models.ForeignKey(EvidenceItem, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    surface = models.ForeignKey(Surface, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    capture_run = models.ForeignKey(CaptureRun, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    seen_at = models.DateTimeField()
    view_count = models.BigIntegerField(null=True)
    like_count = models.BigIntegerField(null=True)
    comment_count = models.BigIntegerField(null=True)
    share_count = models.BigIntegerField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "evidence_sighting"
        constraints = [models.UniqueConstraint(fields=["tenant", "item", "capture_run"], name="evidence_sighting_once")]
        indexes = [models.Index(fields=["tenant", "surface", "item"], name="evidence_sighting_surface")]


class NormalizedEvidenceItem(TenantRow):
    """What normalisation made of an item: comparable text, language, engagement, vector, duplicates."""

    item = models.ForeignKey(EvidenceItem, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    normalized_text = models.TextField()
    content_hash = models.TextField()
    language = models.TextField(null=True)
    holds_real_content = models.BooleanField()
    engagement_score = models.FloatField()
    embedder = models.TextField()
    embedding = HalfVectorField(null=True)
    has_transcript = models.BooleanField()
    signature_bands = ArrayField(models.BigIntegerField(), default=list)
    is_near_duplicate_of = models.ForeignKey(
        EvidenceItem, models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    normalized_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "normalized_evidence_item"
        constraints = [models.UniqueConstraint(fields=["tenant", "item"], name="normalized_evidence_item_once")]
        indexes = [
            models.Index(
                fields=["tenant", "content_hash"], name="normalized_content", condition=~models.Q(content_hash="")
            ),
            models.Index(
                fields=["tenant", "is_near_duplicate_of"],
                name="normalized_copies",
                condition=models.Q(is_near_duplicate_of__isnull=False),
            ),
            # Only originals: what repeats one is found through it, and a thousand copies cost a search no more than
            # one. Without fastupdate: a search compares all its bands with every entry that waits in a pending list.
            GinIndex(
                fields=["signature_bands"],
                name="normalized_bands",
                fastupdate=False,
                condition=models.Q(is_near_duplicate_of__isnull=True),
            ),
        ]


class Upload(TenantRow):
    """A file that came over HTTP and waits for its import; the name is what the person called it, never a path."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    file_name = models.TextField()
    byte_count = models.BigIntegerField()
    format = models.TextField()
    mapping = models.JSONField(null=True)
    role = models.TextField(null=True)
    job_id = models.UUIDField(null=True)
    capture_run = models.ForeignKey(
        CaptureRun, models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "evidence_upload"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__isnull=True) | models.Q(role__in=list(SurfaceRole)), name="upload_role_known"
            )
        ]


class UploadChunk(TenantRow):
    """A stretch of an uploaded file's bytes: the worker may run on a machine that shares no disk with the web."""

    upload = models.ForeignKey(Upload, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta(TenantRow.Meta):
        db_table = "evidence_upload_chunk"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "upload", "position"], name="evidence_upload_chunk_place")
        ]


class AuthorErasure(TenantRow):
    """A person who is erased: hidden from every read at once, deleted by a job, refused by later imports.

    The handle is kept until the job has done its work; after that only `author_digest` says who it was.
    """

    platform = models.TextField()
    author_key = models.TextField()
    author_digest = models.TextField()
    item_count = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "author_erasure"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "platform", "author_digest"], name="author_erasure_once"),
            # The handle goes with what it stood on.
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True) | models.Q(author_key=""), name="author_erasure_forgets"
            ),
        ]


class Corpus(TenantRow):
    """What is searched together: a brand's items. `version` grows whenever what a search may find changes."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    version = models.BigIntegerField(default=0)
    # Whose vectors the dense leg reads; another one's are made in the background before it takes over.
    embedder = models.TextField(default="")

    class Meta(TenantRow.Meta):
        db_table = "evidence_corpus"
        constraints = [models.UniqueConstraint(fields=["tenant", "brand"], name="evidence_corpus_once")]


class Facet(TenantRow):
    """A brand's items of one platform and language, with how many there are and how many lexemes they hold.

    Its number stands in each posting for all three, so that one index walk meets only what the filters let through.
    """

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    platform = models.TextField()
    language = models.TextField()
    number = models.IntegerField(unique=True)
    documents = models.IntegerField(default=0)
    lexemes = models.BigIntegerField(default=0)

    class Meta(TenantRow.Meta):
        db_table = "evidence_facet"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "brand", "platform", "language"], name="evidence_facet_once")
        ]


class Document(TenantRow):
    """An item as a brand's search knows it: its lexemes with how often each stands there, in one order.

    An undated item is dated -infinity here, and in its postings: it lies in no window.
    """

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    item = models.ForeignKey(EvidenceItem, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    facet = models.IntegerField()
    published_at = models.DateTimeField()
    length = models.IntegerField()
    lexemes = ArrayField(models.TextField())
    frequencies = ArrayField(models.SmallIntegerField())

    class Meta(TenantRow.Meta):
        db_table = "evidence_document"
        constraints = [models.UniqueConstraint(fields=["tenant", "item", "brand"], name="evidence_document_once")]


class Posting(TenantRow):
    """One lexeme of one document; partitioned by year. There is no row id: what it says is its key."""

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("tenant", "facet", "lexeme", "impact", "published_at", "item_id")
    facet = models.IntegerField()
    lexeme = models.TextField()
    # How much of its weight the lexeme brings to the document, in steps: of a very common one the best come first.
    impact = models.SmallIntegerField()
    published_at = models.DateTimeField()
    # No foreign key: checking one for each word of each post would double the cost of an import.
    item_id = models.UUIDField()
    frequency = models.SmallIntegerField()
    length = models.IntegerField()

    class Meta(TenantRow.Meta):
        db_table = "evidence_posting"


class LexemeCount(TenantRow):
    """In how many of a brand's documents of one language a lexeme stands."""

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("tenant", "brand_id", "language", "lexeme")
    brand_id = models.UUIDField()
    language = models.TextField()
    lexeme = models.TextField()
    documents = models.IntegerField()

    class Meta(TenantRow.Meta):
        db_table = "evidence_lexeme"


class Vector(TenantRow):
    """A document's vector by one embedder; two embedders' vectors lie side by side while one replaces the other.

    A fresh one is compared with every query. Where many are, a job moves them into the graph (`in_graph`), since
    inserting into it costs more than all the rest of an import.
    """

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("tenant", "facet", "published_at", "item_id", "embedder")
    embedder = models.TextField()
    facet = models.IntegerField()
    published_at = models.DateTimeField()
    item_id = models.UUIDField()
    dimension = models.SmallIntegerField()
    embedding = HalfVectorField()
    in_graph = models.BooleanField(default=False)

    class Meta(TenantRow.Meta):
        db_table = "evidence_vector"


class RankedSearch(TenantRow):
    """The ranking that a search gave, without any text, for as long as its corpus does not change."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    digest = models.TextField()
    version = models.BigIntegerField()
    ranking = models.JSONField()

    class Meta(TenantRow.Meta):
        db_table = "evidence_search"
        constraints = [models.UniqueConstraint(fields=["tenant", "brand", "digest"], name="evidence_search_once")]
