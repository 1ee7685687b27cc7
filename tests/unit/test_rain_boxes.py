"""Scores of rain forecasts: boxes, halves, the index and the Brier score, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import RecordingError
from pipeline.evaluation.rain_boxes import BOX, BOXES, FOLDER, Frames, frames_of, halves, scored
from pipeline.evaluation.rain_tables import CLIMATOLOGY, PARTS, bounds_of, scores_of
from tests.radar_rig import knmi_bytes

AT = datetime(2026, 8, 26, tzinfo=UTC)
SIDE = BOXES * BOX


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """54 frames: from the 13th on 0.5 mm a frame over the western half; no radar sees the first rows."""
    folder = tmp_path_factory.mktemp("recordings")
    (folder / FOLDER).mkdir()
    for number in range(54):
        rain = np.zeros((SIDE + 6, SIDE + 4))
        rain[:, : SIDE // 2] = 0.5 * (number >= 12)
        rain[: 2 * BOX] = np.nan
        name = f"{number:03}.h5"
        (folder / FOLDER / name).write_bytes(knmi_bytes(rain, AT + timedelta(minutes=5 * number)))
    return frames_of(folder)


def test_boxes_are_means_of_what_radars_see(frames: Frames) -> None:
    fell = frames.after_mm(11, 60).reshape(BOXES, BOXES)
    assert set(np.round(fell[2:, :19], 3).ravel()) == {6.0}
    assert fell[2:, 21:].max() == 0.0
    assert 0 < frames.covered.sum() < BOXES * BOXES
    assert fell.ravel()[~frames.covered].max(initial=0.0) == 0.0


def test_starts_leave_room_for_the_truth(frames: Frames) -> None:
    assert frames.starts(60) == [11, 17, 23, 29, 35, 41]
    assert frames.starts(180) == [11, 17]
    assert halves([11, 17, 23, 29, 35]) == ([11, 17], [23, 29, 35])


def test_the_index_and_the_brier_score(frames: Frames) -> None:
    covered = frames.covered
    came = frames.after_mm(23, 60) >= 1.0
    perfect = scored(frames, lambda *_: came.astype(float), [23], 60, 1.0)
    assert (perfect.csi, perfect.brier, perfect.said) == (1.0, 0.0, int((came & covered).sum()))
    everywhere = scored(frames, lambda *_: np.ones(len(covered)), [23], 60, 1.0)
    share = came[covered].mean()
    assert everywhere.csi == pytest.approx(share)
    assert everywhere.brier == pytest.approx(1 - share)
    assert scored(frames, lambda *_: np.full(len(covered), 0.29), [23], 60, 1.0).said == 0


def test_climatology_is_chosen_on_the_first_half(frames: Frames) -> None:
    scores = scores_of(
        frames, {"ours": lambda start, minutes, mm: (frames.after_mm(start, minutes) >= mm).astype(float)}
    )
    assert scores["ours", 60, 1.0, PARTS[1]].csi == 1.0
    assert scores[CLIMATOLOGY, 60, 1.0, PARTS[1]].brier > 0.1
    csi, brier = bounds_of(scores, "ours", {(60, 1.0): (0.5, 0.6)})
    assert (csi.value, csi.reaches(csi.goal), brier.value, brier.reaches(brier.goal)) == (1.0, True, 0.0, True)


def test_a_folder_without_composites_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no radar composites"):
        frames_of(tmp_path)
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "1.h5").write_bytes(b"nothing")
    with pytest.raises(RecordingError, match="no radar composite"):
        frames_of(tmp_path)
