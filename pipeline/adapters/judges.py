"""The classifiers that the record says are in force and in shadow; a change there is followed without a restart."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nlp.errors import Corrupt
from pipeline.domain.learning import ModelState
from pipeline.errors import Unavailable
from pipeline.ports import Record

if TYPE_CHECKING:
    from nlp.classifier import Classifier


class Judges:
    """Loads from this folder, whose artifacts were signed with this key; keeps those in use.

    equip: adds to a model what this instance's settings say; what is only measured stays bare.
    """

    def __init__(
        self, record: Record, folder: Path, public_key: Ed25519PublicKey, equip: "Callable[[Classifier], Classifier]"
    ) -> None:
        self._record = record
        self._folder = folder
        self._key = public_key
        self._equip = equip
        self._kept: dict[ModelState, tuple[str, Classifier]] = {}

    def in_force(self) -> "Classifier":
        """The current model, or the shipped one where none is. Raises: Unavailable: it can't be used, and why."""
        return self._of(ModelState.CURRENT, self._id(ModelState.CURRENT))

    def in_shadow(self) -> "Classifier | None":
        """The one that judges unseen beside it. Raises: Unavailable."""
        model_id = self._id(ModelState.SHADOW)
        return self._of(ModelState.SHADOW, model_id) if model_id else None

    def measured(self) -> "Classifier":
        """The model in force as challengers are held against it: bare, as they are. Raises: Unavailable."""
        return self.load(self._id(ModelState.CURRENT))

    def load(self, model_id: str) -> "Classifier":
        """Any model of the folder, bare; "" the shipped one. Raises: Unavailable."""
        from nlp.classifier import Classifier  # heavy to import, and a crawl process never judges

        try:
            loaded = Classifier.load(self._folder / model_id if model_id else None, public_key=self._key)
        except Corrupt as error:
            back = " Or go back to the one before: nightlight model rollback" if model_id else ""
            raise Unavailable(f"{error}{back}") from error
        if model_id and loaded.model_id != model_id:  # signed, but not what people know by this name
            raise Unavailable(f"{self._folder / model_id} holds {loaded.model_id}; call the folder by its model.")
        return loaded

    def _id(self, state: ModelState) -> str:
        with self._record.read() as tx:
            row = tx.model_in(state)
        return row.id if row else ""

    def _of(self, state: ModelState, model_id: str) -> "Classifier":
        kept = self._kept.get(state)
        if kept and kept[0] == model_id:
            return kept[1]
        loaded = self._equip(self.load(model_id))
        self._kept[state] = (model_id, loaded)
        return loaded
