"""NanoDet-g at other sizes than the one that it is shipped in: a small crop costs less."""

from pathlib import Path

import numpy as np

STRIDES = (8, 16, 32)
CENTRES, STRIDE_OF_EACH = "q_ctr_h", "q_stride_h"
"""What `models/build_nanodet` calls the two grids that hold for one size alone."""


def is_nanodet(onnx_file: Path) -> bool:
    """Tell whether the file is of that form, so that it can be had in other sizes."""
    import onnx

    names = {one.name for one in onnx.load(onnx_file).graph.initializer}
    return {CENTRES, STRIDE_OF_EACH} <= names


def resized(onnx_file: Path, size: tuple[int, int]) -> bytes:
    """Give the network for pictures of ``size``, height and width, multiples of 32.

    It looks at a picture by parts of 8, 16 and 32 pixels and knows where each lies: these two
    grids are computed anew, as `models/build_nanodet` did. Weights stay as they are.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(onnx_file)
    grids = _grids(size)
    for tensor in model.graph.initializer:
        if tensor.name in grids:
            tensor.CopyFrom(numpy_helper.from_array(grids[tensor.name], tensor.name))
    shape = model.graph.input[0].type.tensor_type.shape.dim
    shape[2].dim_value, shape[3].dim_value = size
    anchors = grids[CENTRES].shape[1]
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = anchors
    del model.graph.value_info[:]  # the sizes of what lies between, which are others now
    return bytes(model.SerializeToString())


def _grids(size: tuple[int, int]) -> dict[str, np.ndarray]:
    centres, strides = [], []
    for stride in STRIDES:
        rows, columns = size[0] // stride, size[1] // stride
        y, x = np.mgrid[0:rows, 0:columns]
        centres.append(np.stack([(x.ravel() + 0.5) * stride, (y.ravel() + 0.5) * stride], axis=1))
        strides.append(np.full((rows * columns, 1), stride))
    return {
        CENTRES: np.concatenate(centres)[None].astype(np.float16),
        STRIDE_OF_EACH: np.concatenate(strides)[None].astype(np.float16),
    }
