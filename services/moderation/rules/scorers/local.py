"""Scorers that run here: text classifiers as they are exported, `model.onnx`, `tokenizer.json` and `config.json`.

The libraries come with the extra `onnx`; a house without such a scorer needs neither.
"""

import asyncio
import json
import time
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.moderation.domain.case import Context, Score
from services.moderation.rules.scorers.shares import share
from services.moderation.settings import ScorerSettings

_LONGEST: Final = 512
_FILES: Final = ("model.onnx", "tokenizer.json", "config.json")


class LocalScorer:
    """A text classifier in ONNX. Never raises once made: a failure is a `Score` without scores that says why.

    Its model's name carries the file's SHA-256, so that another file is another scorer, and begins in shadow again.
    """

    def __init__(self, settings: ScorerSettings) -> None:
        self.settings = settings
        folder = Path(settings.url)
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            raise ValueError(f"scorer {settings.name!r}: {folder} has no {', '.join(missing)}")
        try:
            from onnxruntime import InferenceSession, SessionOptions
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ValueError(f"scorer {settings.name!r} needs the extra `onnx` ({error})") from None
        options = SessionOptions()
        options.intra_op_num_threads = 1
        self._session = InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_LONGEST)
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self._labels = [label for _, label in sorted(told["id2label"].items(), key=lambda pair: int(pair[0]))]
        self._each_alone = told.get("problem_type") == "multi_label_classification" or len(self._labels) == 1
        with (folder / "model.onnx").open("rb") as file:
            self._model = f"{settings.name}:{file_digest(file, 'sha256').hexdigest()[:12]}"
        self._one_at_a_time = asyncio.Semaphore(1)  # a comment's time is its own, not that of the queue

    async def score(self, text: str, language: str, context: Context) -> Score:  # noqa: ARG002 - the model reads the text alone
        """Ask, within the scorer's own time limit."""
        began, given = time.perf_counter(), self.settings
        scores, failure = None, None
        try:
            async with self._one_at_a_time, asyncio.timeout(given.seconds):
                scores = await asyncio.to_thread(self._run, text)
        except Exception as error:  # noqa: BLE001 - whatever a model does, the fail policy decides without it
            failure = f"{type(error).__name__}: {error}"[:200]
        return Score(
            scorer=given.name,
            model=self._model,
            scores=scores,
            milliseconds=round((time.perf_counter() - began) * 1e3, 1),
            failure=failure,
            on_failure=given.on_failure,
            shadow=not given.live,
        )

    def _run(self, text: str) -> dict[str, float]:
        tokens = self._tokenizer.encode(text)
        every = {"input_ids": tokens.ids, "attention_mask": tokens.attention_mask, "token_type_ids": tokens.type_ids}
        fed = {name: np.array([ids], np.int64) for name, ids in every.items() if name in self._inputs}
        logits: Any = np.asarray(self._session.run(None, fed)[0], np.float64)[0]
        if len(logits) != len(self._labels):
            raise ValueError(f"the model answers {len(logits)} labels, config.json names {len(self._labels)}")
        grown = np.exp(logits - (0.0 if self._each_alone else logits.max()))
        shares = grown / (1.0 + grown) if self._each_alone else grown / grown.sum()
        named = zip(self._labels, shares, strict=True)
        return {label: share(value) for label, value in named if label not in self.settings.harmless}
