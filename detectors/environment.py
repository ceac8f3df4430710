"""What must be so before ultralytics is imported: it stays silent, offline and installs nothing.

ultralytics reads these when it is imported, so nothing in this project imports it at the top of a
module: `ultralytics()` is the one door.
"""

import logging
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

QUIET = {
    "YOLO_OFFLINE": "true",  # no look for newer versions, no usage events, no downloads
    "YOLO_VERBOSE": "false",  # or its greetings fill the log
    "YOLO_AUTOINSTALL": "false",  # else a missing package would be installed at run time
    "ULTRALYTICS_SAFE_LOAD": "true",  # a .pt file is a pickle: only tensors are loaded from it
}


def ultralytics(private: Path, *, online: bool = False) -> ModuleType:
    """Import ultralytics with its calls home, downloads and installations off, and return it.

    ``private`` receives its settings file; it is made for this user alone. ``online`` is for the
    one command that fetches a model because it was asked to. Blocks for some seconds the first
    time, and raises ``RuntimeError`` when something else has imported it before, unprepared.
    """
    if "ultralytics" not in sys.modules:
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ.update(QUIET)
        if online:
            os.environ["YOLO_OFFLINE"] = "false"
        os.environ["YOLO_CONFIG_DIR"] = str(private)
        # OpenVINO reports conversions to Intel when this package can be imported; else it does not.
        sys.modules.setdefault("openvino_telemetry", cast(ModuleType, None))
    import ultralytics as imported
    from ultralytics import utils

    if utils.AUTOINSTALL or not utils.SAFE_LOAD or utils.env_bool("YOLO_OFFLINE") is online:
        raise RuntimeError("ultralytics was imported before its environment was prepared")
    imported.settings.update({"sync": False})  # usage events; the default is to send them
    utils.LOGGER.setLevel(logging.WARNING)
    return imported


def keep_to_one_thread() -> None:
    """Let torch and OpenCV use the calling thread only: work is shared out between cameras."""
    import cv2
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
