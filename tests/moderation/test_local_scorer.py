"""A text classifier in ONNX that runs here: read from its folder, timed, named by its content.

The model is made on the spot, in ONNX's own encoding: the largest token id is its log-odds for the second label.
"""

import json
from pathlib import Path

import pytest

from services.moderation.domain.case import Context
from services.moderation.rules.scorers import Scorers
from services.moderation.settings import ScorerSettings

pytest.importorskip("onnxruntime")
CONTEXT: Context = {"section": None, "headline": None, "is_reply": False}


def number(field: int, value: int) -> bytes:
    """A field of ONNX's encoding (protocol buffers) that holds a number below 128."""
    return bytes([*varint(field << 3), value])


def nested(field: int, value: bytes) -> bytes:
    """A field that holds bytes or another message."""
    return varint(field << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def node(kind: str, inputs: tuple[str, ...], output: str, attributes: bytes = b"") -> bytes:
    named = b"".join(nested(1, name.encode()) for name in inputs)
    return nested(1, named + nested(2, output.encode()) + nested(4, kind.encode()) + attributes)


def attribute(name: str, value: int, *, listed: bool = False) -> bytes:
    return nested(5, nested(1, name.encode()) + number(8 if listed else 3, value) + number(20, 7 if listed else 2))


def tensor(name: str, kind: int) -> bytes:
    return nested(1, name.encode()) + nested(2, nested(1, number(1, kind)))


def a_model() -> bytes:
    """ids → (−largest, largest)."""
    graph = (
        node("Cast", ("input_ids",), "x", attribute("to", 1))
        + node("ReduceMax", ("x",), "most", attribute("axes", 1, listed=True))
        + node("Neg", ("most",), "least")
        + node("Concat", ("least", "most"), "logits", attribute("axis", 1))
        + nested(2, b"test")
        + nested(11, tensor("input_ids", 7))
        + nested(12, tensor("logits", 1))
    )
    return number(1, 8) + nested(8, number(2, 13)) + nested(7, graph)


def a_folder(folder: Path, labels: int = 2) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"?": 0, "idiot": 3}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(a_model())
    named = {str(n): ("neutral", "toxic", "more")[n] for n in range(labels)}
    (folder / "config.json").write_text(json.dumps({"id2label": named}))
    return folder


async def test_a_model_in_a_folder_scores_and_is_named_by_its_content(tmp_path: Path) -> None:
    asked = ScorerSettings(name="house", kind="onnx", url=str(a_folder(tmp_path)), live=True)
    async with Scorers([asked]) as scorers:
        [rude] = await scorers.ask("you idiot", "en", CONTEXT)
        [kind] = await scorers.ask("thank you", "en", CONTEXT)
    assert rude.scores is not None
    assert kind.scores is not None
    assert set(rude.scores) == {"toxic"}
    assert (round(rude.scores["toxic"], 3), kind.scores["toxic"]) == (0.998, 0.5)
    assert rude.model.startswith("house:")
    assert len(rude.model) == 18


async def test_a_model_whose_labels_do_not_fit_is_a_silence_with_a_reason(tmp_path: Path) -> None:
    asked = ScorerSettings(name="house", kind="onnx", url=str(a_folder(tmp_path, labels=3)), live=True)
    async with Scorers([asked]) as scorers:
        [score] = await scorers.ask("you idiot", "en", CONTEXT)
    assert score.scores is None
    assert "answers 2 labels, config.json names 3" in str(score.failure)


def test_a_folder_without_a_model_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'house': .* has no model\.onnx, tokenizer\.json, config\.json"):
        Scorers([ScorerSettings(name="house", kind="onnx", url=str(tmp_path))])
