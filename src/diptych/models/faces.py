"""`faces:`: faces seen from the front, by the cascade that OpenCV 4 carries.

Viola and Jones, 2001, CVPR; Lienhart and Maydt, 2002, ICIP (the stumps and trees of `haarcascade_frontalface_alt2`). OpenCV 5 carries none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from diptych.data.errors import AddressError
from diptych.data.opening import thumbnail
from diptych.data.pictures import Picture
from diptych.data.regions import Box
from diptych.models.abilities import Detection, Detections, Detector, DetectRequest, Failed
from diptych.models.addresses import Address
from diptych.models.experts import EXTRA, installed, number, one_by_one, only

OPTIONS: Mapping[str, str] = {"side": "1024", "windows": "4"}
CASCADE = "haarcascade_frontalface_alt2.xml"
FACES = frozenset(("face", "faces"))
OWNERS = frozenset(("a", "the", "human", "person's", "people's", "man's", "woman's", "child's", "boy's", "girl's", "frontal"))
SCALE = 1.1  # from one size of window to the next
LEAST = 20  # pixels of the smallest window
HALF = 4  # windows on one face at which its score is a half


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Boxes of faces, best first. The score grows with the number of windows that saw the face: n / (n + 4), no probability.

    It judges "face", "human face", "person's face" and the like; all other phrases are left unjudged. Faces in profile go unseen.
    """

    cascade: Any
    side: int = 1024
    windows: int = 4

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """Each picture by itself."""
        return one_by_one(requests, self._detect)

    def _detect(self, request: DetectRequest) -> Detections:
        meant = [phrase for phrase in request.phrases if is_face(phrase)]
        unjudged = tuple(phrase for phrase in request.phrases if not is_face(phrase))
        if request.phrases and not meant:
            request.picture.pil()  # a picture that cannot be had fails, whatever was asked
            return Detections((), unjudged)
        seen = [one for one in self._seen(request.picture) if one[1] >= request.threshold]
        return Detections(tuple(Detection(phrase, box, score) for phrase in meant or ("face",) for box, score in seen), unjudged)

    def _seen(self, picture: Picture) -> list[tuple[Box, float]]:
        grey_HW = np.asarray(thumbnail(picture, self.side).convert("L"))
        height, width = grey_HW.shape
        if min(height, width) < LEAST:
            return []
        boxes, windows = self.cascade.detectMultiScale2(grey_HW, SCALE, self.windows, 0, (LEAST, LEAST))
        found = [
            (Box(float(x / width), float(y / height), float((x + w) / width), float((y + h) / height)), float(n / (n + HALF)))
            for (x, y, w, h), n in zip(boxes, np.ravel(windows), strict=True)
        ]
        return sorted(found, key=lambda one: (-one[1], one[0].top, one[0].left))


def is_face(phrase: str) -> bool:
    """Whether a phrase asks for faces as such: "a smiling face" asks for more than a cascade can tell."""
    *before, last = phrase.lower().replace("’", "'").split() or [""]
    return last in FACES and OWNERS.issuperset(before)


def open_faces(address: Address, ability: type) -> Faces:
    """The scheme of `faces:`. Pictures are looked at with the longer side at most `side` pixels; a face is seen by at least `windows`."""
    said = only(address, ability, (Detector,), OPTIONS)
    side = int(number(address, "side", said["side"], (64, 8192)))
    windows = int(number(address, "windows", said["windows"], (1, 100)))
    cv2 = installed("faces:", "cv2")
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    if not hasattr(cv2, "CascadeClassifier") or not (Path(folder) / CASCADE).is_file():
        raise AddressError(f"faces: finds no {CASCADE} in OpenCV {cv2.__version__}, which only those before 5 carry: {EXTRA}")
    return Faces(cv2.CascadeClassifier(str(Path(folder) / CASCADE)), side, windows)
