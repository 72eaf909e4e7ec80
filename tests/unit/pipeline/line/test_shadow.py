"""A model in shadow judges what the model in force judged, and changes nothing that people see."""

from dataclasses import dataclass
from datetime import timedelta

from nlp.assessment import Assessment, Text
from pipeline.domain.learning import ModelRow, ModelState, Shadowed
from pipeline.domain.work import WorkKind
from pipeline.line.assess import assess
from pipeline.line.shadow import shadow
from tests.contract.conftest import NOON
from tests.unit.pipeline.line.conftest import House, LanternJudge

URL = "http://127.0.0.1:8700"


@dataclass
class EagerJudge(LanternJudge):
    """Flags everything."""

    model_id: str = "eager-2"

    def _one(self, text: str) -> Assessment:
        return Assessment(0.8, True, {"sharing": 0.8}, (), "en", False, self.model_id)


def begin(house: House, model_id: str = "eager-2") -> None:
    with house.record.write() as tx:
        tx.save_model(ModelRow(model_id, ModelState.SHADOW, True, {}, "ines", NOON))


def judge_all(house: House) -> None:
    while assess(house.record, house.judge, house.clock, "me", URL):
        pass


def seen(house: House) -> list[Shadowed]:
    with house.record.read() as tx:
        return list(tx.shadowed("eager-2"))


def test_a_shadow_judges_the_same_posts_and_raises_nothing(house: House) -> None:
    begin(house)
    house.store("a lantern", "nothing here")
    judge_all(house)
    with house.record.read() as tx:
        before = tx.all_posts(0, 9), tx.count_alerts(), tx.pending()
    assert before[2][WorkKind.SHADOW] == 2
    assert shadow(house.record, EagerJudge(), house.clock, "me") == 2
    with house.record.read() as tx:
        after = tx.all_posts(0, 9), tx.count_alerts(), tx.pending()
    assert after[:2] == before[:2]
    assert after[2] == {**before[2], WorkKind.SHADOW: 0}
    assert seen(house) == [Shadowed(0.9, True, 0.8, True), Shadowed(0.1, False, 0.8, True)]


def test_without_a_model_in_shadow_nothing_is_queued_and_what_was_is_let_go(house: House) -> None:
    house.store("before")
    judge_all(house)
    assert shadow(house.record, EagerJudge(), house.clock, "me") == 0
    begin(house)
    house.store("during", thread="t2")
    judge_all(house)
    assert shadow(house.record, None, house.clock, "me") == 1
    assert shadow(house.record, EagerJudge(), house.clock, "me") == 0
    assert seen(house) == []


def test_a_post_a_shadow_chokes_on_is_set_aside_alone(house: House) -> None:
    begin(house)
    house.store("fine")
    judge_all(house)
    with house.record.write() as tx:
        [fine] = tx.all_posts(0, 9)
    house.store("now poison", thread="t2")
    with house.record.write() as tx:
        poison = tx.all_posts(fine.seq, 9)[0].post.revision_id
        tx.add_work(WorkKind.SHADOW, [poison], house.clock.now())
    for _ in range(3):
        shadow(house.record, EagerJudge(), house.clock, "me")
        house.clock.go(seconds=61)
    with house.record.read() as tx:
        [aside] = [item for item in tx.set_aside(9) if item.kind is WorkKind.SHADOW]
    assert (aside.key, aside.reason) == (poison, "the model failed with RuntimeError")
    assert len(seen(house)) == 1


def test_a_post_erased_while_it_is_judged_leaves_nothing(house: House) -> None:
    begin(house)
    house.store("to be erased", "to stay")
    judge_all(house)

    class Erasing(EagerJudge):
        def assess(self, texts: object) -> list[Assessment]:
            with house.record.write() as tx:
                tx.erase_posts([post.post.revision_id for post in tx.all_posts(0, 1)], NOON)
            return [self._one(""), self._one("")]

    shadow(house.record, Erasing(), house.clock, "me")
    assert len(seen(house)) == 1


def test_what_waits_for_a_shadow_goes_with_its_post(house: House) -> None:
    begin(house)
    house.store("to be erased")
    judge_all(house)
    with house.record.write() as tx:
        tx.erase_posts([post.post.revision_id for post in tx.all_posts(0, 9)], NOON + timedelta(days=31))
    assert shadow(house.record, EagerJudge(), house.clock, "me") == 0
    assert EagerJudge().assess([Text("x")])[0].flagged, "the judge would have"
