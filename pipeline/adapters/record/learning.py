"""Opinions, samples, and the models that come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, select

from nlp.assessment import Assessment
from pipeline.adapters.record.base import Family
from pipeline.adapters.record.posts import SELECT
from pipeline.adapters.record.rows import stored_post
from pipeline.adapters.record.statements import keep_first, upsert
from pipeline.adapters.record.tables import (
    alert_posts,
    alerts,
    assessments,
    models,
    opinions,
    revisions,
    samples,
    shadow_scores,
)
from pipeline.domain.learning import LABELS, ModelRow, ModelState, Opinion, Sample, Shadowed
from pipeline.ports import StoredPost


class SqlLearning(Family):
    """ports.Learning."""

    def save_opinion(self, opinion: Opinion) -> None:
        """One for each post and person."""
        upsert(self._connection, opinions, asdict(opinion))

    def opinions(self) -> Sequence[Opinion]:
        """What lies in a decision isn't stored twice: taken back, it is gone."""
        given = [Opinion(**row._mapping) for row in self._connection.execute(select(opinions))]
        return sorted([*given, *self._decided()], key=lambda opinion: (opinion.revision_id, opinion.reviewer))

    def _decided(self) -> list[Opinion]:
        columns = (alert_posts.c.revision_id, alerts.c.decided_by, alerts.c.reason, alerts.c.decided_at)
        query = select(*columns).join_from(alert_posts, alerts).where(alerts.c.reason.in_(list(LABELS)))
        return [Opinion(*row) for row in self._connection.execute(query)]

    def save_samples(self, drawn: Sequence[Sample]) -> None:
        """First drawn, first kept."""
        keep_first(self._connection, samples, [asdict(sample) for sample in drawn])

    def samples(self, since: datetime | None = None) -> Sequence[Sample]:
        """By the time they were drawn."""
        query = select(samples).order_by(samples.c.drawn_at, samples.c.revision_id)
        found = self._connection.execute(query if since is None else query.where(samples.c.drawn_at >= since))
        return [Sample(**row._mapping) for row in found]

    def unsure(self, model: str, limit: int) -> Sequence[StoredPost]:
        """Nearest below the threshold first; chosen by scores alone before anything is joined to them."""
        elsewhere = (exists().where(t.c.revision_id == assessments.c.revision_id) for t in (samples, alert_posts))
        nearest = (
            select(assessments.c.revision_id)
            .where(assessments.c.model == model, ~assessments.c.flagged, *(~there for there in elsewhere))
            .order_by(assessments.c.score.desc(), assessments.c.n)
            .limit(limit)
        )
        query = SELECT.where(revisions.c.id.in_(nearest), assessments.c.model == model)
        found = self._connection.execute(query.order_by(assessments.c.score.desc(), assessments.c.n))
        return [stored_post(row) for row in found]

    def save_model(self, row: ModelRow) -> None:
        """Insert or replace."""
        upsert(self._connection, models, asdict(row) | {"state": str(row.state)})

    def model(self, model_id: str) -> ModelRow | None:
        """By id."""
        return self._first_model(select(models).where(models.c.id == model_id))

    def models(self) -> Sequence[ModelRow]:
        """Latest trained first."""
        query = select(models).order_by(models.c.trained_at.desc(), models.c.id)
        return [_model(row) for row in self._connection.execute(query)]

    def model_in(self, state: ModelState) -> ModelRow | None:
        """The desk lets no two be there."""
        query = select(models).where(models.c.state == str(state))
        return self._first_model(query.order_by(models.c.trained_at.desc()).limit(1))

    def save_shadow(self, judged: Mapping[str, Assessment], at: datetime) -> None:
        """Scores only: nobody is shown more of it."""
        rows = [
            {"revision_id": revision_id, "model": a.model, "score": a.score, "flagged": a.flagged, "at": at}
            for revision_id, a in judged.items()
        ]
        keep_first(self._connection, shadow_scores, rows)

    def shadowed(self, model: str) -> Sequence[Shadowed]:
        """Beside the assessment that each post is shown with."""
        query = (
            SELECT.join(shadow_scores, shadow_scores.c.revision_id == revisions.c.id)
            .with_only_columns(
                assessments.c.score,
                assessments.c.flagged,
                shadow_scores.c.score.label("shadow_score"),
                shadow_scores.c.flagged.label("shadow_flagged"),
            )
            .where(shadow_scores.c.model == model, assessments.c.model.is_not(None))
        )
        return [Shadowed(**row._mapping) for row in self._connection.execute(query)]

    def _first_model(self, query: Select[Any]) -> ModelRow | None:
        row = self._connection.execute(query).first()
        return _model(row) if row else None


def _model(row: Row[Any]) -> ModelRow:
    values = dict(row._mapping)
    return ModelRow(**values | {"state": ModelState(values["state"])})
