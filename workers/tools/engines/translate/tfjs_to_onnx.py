"""Translates a TensorFlow.js graph model into an ONNX file.

    python3 tfjs_to_onnx.py MODEL.json OUT.onnx --outputs NAME [NAME ...]

The graph is taken as it is stored: no op is approximated and no weight is rounded. Weights that are stored as float16
stay float16 and are cast when the file is loaded. Only what the named outputs depend on is translated, and the inputs
and outputs keep the names and the shapes (NHWC) of the source. An op that is not known here ends the translation.

TensorFlow keeps pictures as NHWC, ONNX convolves NCHW. So each value is remembered with the layout that it is in, and
turned only where an op needs the other one: at the input, and before a reshape.
"""

import argparse
import base64
import json
import pathlib

import numpy as np
import onnx
from graph_model import numbers, read_weights, text
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
TO_NCHW, TO_NHWC = [0, 3, 1, 2], [0, 2, 3, 1]
# Where an axis of an NHWC tensor is found in NCHW.
AXIS = {0: 0, 1: 2, 2: 3, 3: 1}
TYPES = {"DT_FLOAT": TensorProto.FLOAT, "DT_INT32": TensorProto.INT32, "DT_BOOL": TensorProto.BOOL}

SAME_EVERYWHERE = {
    "Add": "Add", "AddV2": "Add", "Sub": "Sub", "Mul": "Mul", "RealDiv": "Div", "Maximum": "Max", "Minimum": "Min",
    "Relu": "Relu", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Identity": "Identity", "Equal": "Equal",
}  # fmt: skip


class Translation:
    def __init__(self, nodes, weights):
        self.source = {node["name"]: node for node in nodes}
        self.weights = weights
        self.nodes, self.initialisers, self.inputs = [], [], []
        # Output of a source node ("name" or "name:1") -> (name in ONNX, whether it is NCHW).
        self.values = {}
        self.count = 0

    def emit(self, op, inputs, outputs=1, **attributes):
        names = [f"{op}_{self.count}_{i}" for i in range(outputs)]
        self.count += 1
        self.nodes.append(helper.make_node(op, inputs, names, name=names[0], **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, array):
        name = f"c{len(self.initialisers)}"
        self.initialisers.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return self.emit("Cast", [name], to=TensorProto.FLOAT) if array.dtype == np.float16 else name

    def array(self, name):
        """A weight that must be known beforehand."""
        node = self.source[name.split(":")[0]]
        if node["op"] == "Identity":
            return self.array(node["input"][0])
        if node["op"] != "Const":
            raise SystemExit(f"{name} must be a constant")
        return self.weights[node["name"]]

    def value(self, name, nchw=None):
        """The ONNX name of a value, in the layout asked for (None: as it is, with whether it is NCHW)."""
        if name not in self.values:
            self.translate(self.source[name.split(":")[0]])
        found, is_nchw = self.values[name]
        if nchw is None:
            return found, is_nchw
        if nchw != is_nchw:
            found = self.emit("Transpose", [found], perm=TO_NCHW if nchw else TO_NHWC)
        return found

    def translate(self, node):
        op, name = node["op"], node["name"]
        attributes = node.get("attr", {})
        # Control edges say only what runs first.
        inputs = [i[:-2] if i.endswith(":0") else i for i in node.get("input", []) if not i.startswith("^")]
        if op == "Const":
            self.values[name] = (self.constant(self.weights[name]), False)
        elif op == "Placeholder":
            # A batch of any size is fixed to one picture.
            shape = [max(1, int(d["size"])) for d in attributes["shape"]["shape"]["dim"]]
            self.inputs.append(helper.make_tensor_value_info(name, TYPES[attributes["dtype"]["type"]], shape))
            self.values[name] = (name, False)
        elif op in SAME_EVERYWHERE:
            self.elementwise(SAME_EVERYWHERE[op], name, inputs)
        else:
            method = getattr(self, f"op_{op.lstrip('_')}", None)
            if method is None:
                raise SystemExit(f"{name}: the op {op} is not known")
            method(name, inputs, attributes)

    def elementwise(self, op, name, inputs):
        nchw = any(self.value(i)[1] for i in inputs)
        self.values[name] = (self.emit(op, [self.operand(i, nchw) for i in inputs]), nchw)

    def operand(self, name, nchw):
        """An operand of a broadcast: a constant of lower rank is spread over the channels by NHWC's rules."""
        node = self.source[name.split(":")[0]]
        if not nchw or node["op"] != "Const":
            return self.value(name, nchw)
        array = self.weights[node["name"]]
        if array.ndim == 0:
            return self.value(name)[0]
        return self.constant(array.reshape((1,) * (4 - array.ndim) + array.shape).transpose(TO_NCHW))

    def convolve(self, name, inputs, attributes, weights, group):
        """The bias and the activation of a fused op come as further inputs."""
        if text(attributes["data_format"]) != "NHWC":
            raise SystemExit(f"{name}: only NHWC is known")
        picture = self.value(inputs[0], nchw=True)
        fused = [base64.b64decode(s).decode() for s in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
        bias = [self.constant(self.array(inputs[2]))] if "BiasAdd" in fused else []
        out = self.emit(
            "Conv", [picture, self.constant(weights), *bias],
            group=group,
            kernel_shape=list(weights.shape[2:]),
            strides=numbers(attributes["strides"])[1:3],
            dilations=(numbers(attributes.get("dilations", {})) or [1, 1, 1, 1])[1:3],
            auto_pad={"SAME": "SAME_UPPER", "VALID": "VALID"}[text(attributes["padding"])],
        )  # fmt: skip
        for activation in [f for f in fused if f != "BiasAdd"]:
            out = self.activate(name, activation, out)
        self.values[name] = (out, True)

    def activate(self, name, activation, value):
        if activation == "Relu6":
            return self.emit("Clip", [value, self.constant(np.float32(0)), self.constant(np.float32(6))])
        if activation in ("Relu", "Sigmoid", "Tanh"):
            return self.emit(activation, [value])
        raise SystemExit(f"{name}: the activation {activation} is not known")

    def op_FusedConv2D(self, name, inputs, attributes):
        self.convolve(name, inputs, attributes, self.array(inputs[1]).transpose(3, 2, 0, 1), group=1)

    op_Conv2D = op_FusedConv2D

    def op_FusedDepthwiseConv2dNative(self, name, inputs, attributes):
        # [height, width, channels, multiplier], where the results of a channel lie side by side.
        weights = self.array(inputs[1])
        h, w, channels, multiplier = weights.shape
        spread = weights.reshape(h, w, channels * multiplier, 1).transpose(2, 3, 0, 1)
        self.convolve(name, inputs, attributes, spread, group=channels)

    op_DepthwiseConv2dNative = op_FusedDepthwiseConv2dNative

    def op_Relu6(self, name, inputs, _):
        value, nchw = self.value(inputs[0])
        self.values[name] = (self.activate(name, "Relu6", value), nchw)

    def op_Cast(self, name, inputs, attributes):
        value, nchw = self.value(inputs[0])
        self.values[name] = (self.emit("Cast", [value], to=TYPES[attributes["DstT"]["type"]]), nchw)

    def op_MaxPool(self, name, inputs, attributes):
        out = self.emit(
            "MaxPool", [self.value(inputs[0], nchw=True)],
            kernel_shape=numbers(attributes["ksize"])[1:3],
            strides=numbers(attributes["strides"])[1:3],
            auto_pad={"SAME": "SAME_UPPER", "VALID": "VALID"}[text(attributes["padding"])],
        )  # fmt: skip
        self.values[name] = (out, True)

    def op_Pad(self, name, inputs, _):
        value, nchw = self.value(inputs[0])
        pads = self.array(inputs[1])
        if nchw:
            pads = pads[TO_NCHW]
        amounts = self.constant(np.concatenate([pads[:, 0], pads[:, 1]]).astype(np.int64))
        self.values[name] = (self.emit("Pad", [value, amounts]), nchw)

    def op_Mean(self, name, inputs, attributes):
        keep = attributes.get("keep_dims", {}).get("b", False)
        axes = [int(a) for a in np.ravel(self.array(inputs[1]))]
        value, nchw = self.value(inputs[0])
        if nchw and not keep:
            value, nchw = self.value(inputs[0], nchw=False), False
        axes = [AXIS[a % 4] if nchw else a for a in axes]
        self.values[name] = (self.emit("ReduceMean", [value], axes=axes, keepdims=int(keep)), nchw)

    def op_ResizeBilinear(self, name, inputs, attributes):
        picture = self.value(inputs[0], nchw=True)
        height, width = (int(n) for n in self.array(inputs[1]))
        half = attributes.get("half_pixel_centers", {}).get("b", False)
        corners = attributes.get("align_corners", {}).get("b", False)
        mode = "align_corners" if corners else "half_pixel" if half else "asymmetric"
        channels = self.emit("Slice", [self.emit("Shape", [picture])] + [self.constant(np.int64([n])) for n in (0, 2)])
        sizes = self.emit("Concat", [channels, self.constant(np.int64([height, width]))], axis=0)
        out = self.emit("Resize", [picture, "", "", sizes], mode="linear", coordinate_transformation_mode=mode)
        self.values[name] = (out, True)

    def op_DepthToSpace(self, name, inputs, attributes):
        block = int(attributes["block_size"]["i"])
        out = self.emit("DepthToSpace", [self.value(inputs[0], nchw=True)], blocksize=block, mode="DCR")
        self.values[name] = (out, True)

    def op_ConcatV2(self, name, inputs, _):
        axis = int(self.array(inputs[-1]))
        nchw = any(self.value(i)[1] for i in inputs[:-1])
        parts = [self.value(i, nchw) for i in inputs[:-1]]
        self.values[name] = (self.emit("Concat", parts, axis=AXIS[axis % 4] if nchw else axis), nchw)

    def op_Reshape(self, name, inputs, _):
        shape = self.emit("Cast", [self.value(inputs[1])[0]], to=TensorProto.INT64)
        self.values[name] = (self.emit("Reshape", [self.value(inputs[0], nchw=False), shape]), False)

    def op_Shape(self, name, inputs, _):
        shape = self.emit("Shape", [self.value(inputs[0], nchw=False)])
        self.values[name] = (self.emit("Cast", [shape], to=TensorProto.INT32), False)

    def op_Pack(self, name, inputs, attributes):
        axis = int(attributes["axis"]["i"])
        at = self.constant(np.int64([axis]))
        parts = [self.emit("Unsqueeze", [self.value(i, nchw=False), at]) for i in inputs]
        self.values[name] = (self.emit("Concat", parts, axis=axis), False)

    def op_ExpandDims(self, name, inputs, _):
        at = self.constant(np.int64([int(self.array(inputs[1]))]))
        self.values[name] = (self.emit("Unsqueeze", [self.value(inputs[0], nchw=False), at]), False)

    def op_GatherV2(self, name, inputs, _):
        axis = int(self.array(inputs[2]))
        parts = [self.value(i, nchw=False) for i in inputs[:2]]
        self.values[name] = (self.emit("Gather", parts, axis=axis), False)

    def op_StridedSlice(self, name, inputs, attributes):
        mask = {k: int(attributes.get(f"{k}_mask", {}).get("i", 0)) for k in
                ("begin", "end", "ellipsis", "new_axis", "shrink_axis")}  # fmt: skip
        if mask["ellipsis"] or mask["new_axis"]:
            raise SystemExit(f"{name}: ellipsis and new axes are not known")
        begin, end, stride = (self.array(i).astype(np.int64) for i in inputs[1:4])
        axes = np.arange(len(begin), dtype=np.int64)
        drop = [a for a in axes if mask["shrink_axis"] >> a & 1]
        begin = np.array([0 if mask["begin"] >> a & 1 and a not in drop else begin[a] for a in axes], np.int64)
        last = np.iinfo(np.int64).max
        end = np.array([last if mask["end"] >> a & 1 and a not in drop else end[a] for a in axes], np.int64)
        parts = [self.constant(part) for part in (begin, end, axes, stride)]
        out = self.emit("Slice", [self.value(inputs[0], nchw=False), *parts])
        if drop:
            out = self.emit("Squeeze", [out, self.constant(np.int64(drop))])
        self.values[name] = (out, False)

    def op_TopKV2(self, name, inputs, attributes):
        k = self.constant(np.int64([int(self.array(inputs[1]))]))
        values, places = self.emit("TopK", [self.value(inputs[0], nchw=False), k], outputs=2,
                                   sorted=int(attributes["sorted"]["b"]))  # fmt: skip
        self.values[name] = (values, False)
        self.values[f"{name}:1"] = (self.emit("Cast", [places], to=TensorProto.INT32), False)

    def op_FloorDiv(self, name, inputs, attributes):
        if attributes["T"]["type"] != "DT_INT32":
            raise SystemExit(f"{name}: only whole numbers are known")
        # Div cuts towards zero, which is the floor for what these graphs divide: places, never negative.
        self.elementwise("Div", name, inputs)

    def op_FloorMod(self, name, inputs, _):
        self.elementwise("Mod", name, inputs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--outputs", nargs="+", required=True)
    asked = parser.parse_args()
    document = json.loads(asked.model.read_text())
    translation = Translation(document["modelTopology"]["node"], read_weights(asked.model, document["weightsManifest"]))
    for name in asked.outputs:
        if name not in translation.source:
            raise SystemExit(f"there is no {name}")
        found = translation.value(name, nchw=False)
        translation.nodes.append(helper.make_node("Identity", [found], [name], name=f"out_{name}"))
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in asked.outputs]
    graph = helper.make_graph(translation.nodes, asked.model.stem, translation.inputs, outputs, translation.initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    # The shapes between are for reading only.
    del model.graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    asked.out.write_bytes(model.SerializeToString(deterministic=True))
    for output in model.graph.output:
        print(output.name, [d.dim_value for d in output.type.tensor_type.shape.dim])
    print(f"{asked.out}: {len(model.graph.node)} nodes, {asked.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
