"""Writes the ONNX files of this folder with PyTorch's exporter, and what PyTorch makes of them in three steps of training.

    /usr/bin/python3 test/golden/import/make.py [FOLDER]                 the small files that are kept here
    /usr/bin/python3 test/golden/import/make.py --resnet18 FOLDER        torchvision's resnet18, for the test of the real one

Debian's python3-torch, python3-torchvision and python3-onnx. The inputs and targets are sin(i) and cos(3 i), so that nobody
has to store them; weights are summed up by their change and a projection of it on sin(i).
"""
import copy
import io
import json
import math
import sys
import warnings

import numpy
import onnx
import onnx.numpy_helper
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, conv1x1

warnings.filterwarnings("ignore")
torch.set_num_threads(2)


class TinyResNet(nn.Module):
    """The wiring of torchvision's resnet18 with 4 to 32 channels and a 3x3 stem, for pictures of 16 x 16."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 4
        for i, out in enumerate((4, 8, 16, 32)):
            stride = 1 if i == 0 else 2
            down = None
            if stride != 1:
                down = nn.Sequential(conv1x1(channels, out, stride), nn.BatchNorm2d(out))
            blocks = [BasicBlock(channels, out, stride, down), BasicBlock(out, out)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
            channels = out
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class TinyTransformer(nn.Module):
    """Two layers of PyTorch's own encoder, 32 wide, over 6 tokens of 16 values; the mean of them, and a head."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(16, 32)
        self.position = nn.Parameter(0.1 * torch.randn(1, 6, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        for name, parameter in self.encoder.named_parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)  # the layers are copies of one, and would be one weight in the file
        self.head = nn.Linear(32, 8)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x) + self.position).mean(1))


def disturb(model, generator):
    """Batch norms as after training: no ones and zeros."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, mean, deviation in (
                (module.weight, 1, 0.2),
                (module.bias, 0, 0.2),
                (module.running_mean, 0, 0.2),
                (module.running_var, 1, 0.2),
            ):
                values = mean + deviation * torch.randn(tensor.shape, generator=generator)
                tensor.data.copy_(values.abs() if mean else values)


def wave(shape, function, scale):
    return torch.tensor(
        [function(scale * i) for i in range(math.prod(shape))], dtype=torch.float64
    ).reshape(shape).float()


def export(model, x, opset, fused=False):
    file = io.BytesIO()
    torch.onnx.export(
        model,
        x,
        file,
        opset_version=opset,
        training=torch.onnx.TrainingMode.EVAL if fused else torch.onnx.TrainingMode.PRESERVE,
        input_names=["x"],
        output_names=["y"],
        dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}},
    )
    return file.getvalue()


def names_in(file, state):
    """Which tensor of the model each weight of the file is, and whether it was transposed."""
    graph = onnx.load_from_string(file).graph
    values = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
    found = {}
    for name, value in values.items():
        if name in state:
            found[name] = (name, False)
            continue
        for key, tensor in state.items():
            if tensor.dim() == 2 and numpy.array_equal(tensor.detach().numpy().T, value):
                found[name] = (key, True)
    return found


def steps(model, x, target, names, optimizer, training, count=3):
    """Losses of the steps, the output before and after, and how the weights changed."""
    model = copy.deepcopy(model).train(training)
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    before = copy.deepcopy(model).eval()(x)
    update = optimizer(model.parameters())
    losses = []
    for _ in range(count):
        update.zero_grad()
        loss = ((model(x) - target) ** 2).mean()
        loss.backward()
        update.step()
        losses.append(loss.item())
    end = model.state_dict()
    weights = {}
    for name, (key, transposed) in names.items():
        change = (end[key].double() - start[key].double()).numpy()
        flat = (change.T if transposed else change).ravel()
        weights[name] = [float(numpy.linalg.norm(flat)), float(flat @ numpy.sin(numpy.arange(flat.size)))]
    return {
        "losses": losses,
        "before": before.flatten().tolist(),
        "after": model.eval()(x).flatten().tolist(),
        "weights": weights,
    }


SGD = lambda parameters: torch.optim.SGD(parameters, lr=0.02, momentum=0.9)
# A larger epsilon than the default: where a gradient is 0 but for rounding, Adam divides noise by noise.
ADAM = lambda parameters: torch.optim.Adam(parameters, lr=0.001, eps=1e-4)


def case(name, model, shape, out, opset, folder):
    x = wave(shape, math.sin, 1)
    target = wave((shape[0], out), math.cos, 3)
    # PyTorch's fast path for transformers has no counterpart in ONNX; where gradients are on, it is not taken.
    file = export(model.eval(), x, opset)
    with open(f"{folder}/{name}.onnx", "wb") as output:
        output.write(file)
    names = names_in(file, model.state_dict())
    missing = set(model.state_dict()) - {key for key, _ in names.values()}
    assert all(key.endswith("num_batches_tracked") for key in missing), missing
    modes = {"sgd": (SGD, False), "adam": (ADAM, False)}
    if any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        modes["sgd, batch statistics"] = (SGD, True)
        modes["adam, batch statistics"] = (ADAM, True)
        # After one step nothing has been amplified yet: batch norm over few values makes small differences large.
        modes["one step of sgd, batch statistics"] = (SGD, True, 1)
    return {
        "shape": list(shape),
        "out": out,
        "steps": {mode: steps(model, x, target, names, *how) for mode, how in modes.items()},
    }


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def main():
    arguments = sys.argv[1:]
    torch.manual_seed(7)
    if arguments[:1] == ["--resnet18"]:
        from torchvision.models import resnet18

        model = resnet18(weights=None)
        disturb(model, torch.Generator().manual_seed(8))
        folder = arguments[1]
        expected = {"resnet18": case("resnet18", model, (4, 3, 64, 64), 1000, 17, folder)}
        with open(f"{folder}/fused.onnx", "wb") as output:
            output.write(export(model.eval(), wave((4, 3, 64, 64), math.sin, 1), 17, fused=True))
    else:
        folder = arguments[0] if arguments else "test/golden/import"
        resnet = TinyResNet()
        disturb(resnet, torch.Generator().manual_seed(8))
        transformer = TinyTransformer()
        expected = {
            "tiny-resnet": case("tiny-resnet", resnet, (16, 1, 16, 16), 10, 13, folder),
            "tiny-transformer": case("tiny-transformer", transformer, (4, 6, 16), 8, 17, folder),
            "tiny-transformer-13": case("tiny-transformer-13", transformer, (4, 6, 16), 8, 13, folder),
        }
    with open(f"{folder}/expected.json", "w") as output:
        json.dump(rounded(expected), output)
        output.write("\n")


main()
