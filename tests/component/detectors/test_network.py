"""Networks that break on a picture: every engine says so in one way."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from detectors.boxes import OutputForm
from detectors.network import Engine, Network, compiled

SIZE = (32, 32)


@pytest.fixture
def breaks_on_white(tmp_path: Path) -> Network:
    """A network that takes what it sees for the numbers of rows; there is one, number 0."""
    nodes = [
        helper.make_node("Cast", ["images"], ["numbers"], to=TensorProto.INT64),
        helper.make_node("Gather", ["images", "numbers"], ["rows"], axis=0),
    ]
    put_in = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *SIZE])
    out = helper.make_tensor_value_info("rows", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "breaks", [put_in], [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, tmp_path / "breaks.onnx")
    form = OutputForm([0], 1)
    return compiled(tmp_path / "breaks.onnx", SIZE, form, engine=Engine.ONNXRUNTIME, lanes=1)


def test_onnx_runtime_breaks_with_a_runtime_error_as_the_others_do(
    breaks_on_white: Network,
) -> None:
    white = np.full((*SIZE, 3), 255, np.uint8)

    with pytest.raises(RuntimeError, match="Gather"):
        breaks_on_white.look(white, 0.5)
