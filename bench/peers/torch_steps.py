#!/usr/bin/env python3
"""Whole training steps in PyTorch, the peer of bench/cases/step.mjs: the same nets, losses, batches and optimiser.

Needs Debian's python3-torch:  apt-get install -y python3-torch
usage: /usr/bin/python3 torch_steps.py [--only PREFIX] [--reps N]      one JSON object a line, times in milliseconds

Two threads, float32; 64 groups of 4 pictures of normal noise. --channels-last lays pictures and filters out by places first.
"""
import argparse, json, resource, time
import memory
import torch
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument('--only', default='step/')
parser.add_argument('--reps', type=int, default=15)
parser.add_argument('--channels-last', action='store_true')
A = parser.parse_args()
torch.set_num_threads(2)
GROUPS, EACH = 64, 4


class Block(nn.Module):
    def __init__(self, inside, out, stride):
        super().__init__()
        self.a = nn.Conv2d(inside, out, 3, stride, 1, bias=False)
        self.b = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norm_a, self.norm_b = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        same = stride == 1 and inside == out
        self.shortcut = nn.Identity() if same else nn.Sequential(nn.Conv2d(inside, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return F.relu(self.norm_b(self.b(F.relu(self.norm_a(self.a(x))))) + self.shortcut(x))


def resnet18():
    layers, inside = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()], 64
    for stage, out in enumerate([64, 128, 256, 512]):
        layers += [Block(inside, out, 2 if stage > 0 else 1), Block(out, out, 1)]
        inside = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def conv4():
    layers, inside = [], 1
    for _ in range(4):
        layers += [nn.Conv2d(inside, 64, 3, 1, 1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)]
        inside = 64
    return nn.Sequential(*layers, nn.Flatten())


def strided():
    layers, inside = [], 1
    for out in [32, 64, 128]:
        layers += [nn.Conv2d(inside, out, 3, 2, 1), nn.ReLU()]
        inside = out
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 4 * 128, 128))


labels = torch.arange(GROUPS * EACH) // EACH
same = (labels[:, None] == labels[None]) & ~torch.eye(len(labels), dtype=torch.bool)
others = ~torch.eye(len(labels), dtype=torch.bool)


def supcon(z):
    logits = (z @ z.T) / 0.1
    normaliser = torch.logsumexp(logits.masked_fill(~others, -1e30), 1, keepdim=True)
    return ((normaliser - logits) * same).sum() / same.sum()


def semihard(z):
    squares = (2 - 2 * z @ z.T).clamp(min=0)
    with torch.no_grad():
        different = labels[:, None] != labels[None]
        farther = different[:, None, :] & (squares[:, None, :] > squares[:, :, None])
        nearest = torch.where(farther, squares[:, None, :], torch.tensor(float('inf')))
        value, index = nearest.min(2)
        hardest = squares.masked_fill(~different, -1).argmax(1)
        index = torch.where(torch.isinf(value), hardest[:, None], index)
    terms = F.relu(squares - squares.gather(1, index) + 0.2)[same]
    return terms.mean()


NETS = {'strided': (strided, (1, 28, 28)), 'conv4': (conv4, (1, 28, 28)), 'resnet18': (resnet18, (3, 32, 32))}
for net, (make, shape) in NETS.items():
    for name, objective in {'semihard': semihard, 'supcon': supcon}.items():
        case = f'step/{net}/{name}'
        if not case.startswith(A.only): continue
        torch.manual_seed(1)
        model, pictures = make(), torch.randn(GROUPS * EACH, *shape)
        if A.channels_last:
            model, pictures = model.to(memory_format=torch.channels_last), pictures.contiguous(memory_format=torch.channels_last)
        optimiser = torch.optim.Adam(model.parameters(), 1e-3)
        reps, warm = (3, 1) if net == 'resnet18' else (A.reps, 3)
        times = []
        for _ in range(warm + reps):
            start = time.perf_counter()
            optimiser.zero_grad()
            objective(F.normalize(model(pictures))).backward()
            optimiser.step()
            times.append((time.perf_counter() - start) * 1e3)
        times = sorted(times[warm:])
        layout = ' channels last' if A.channels_last else ''
        print(json.dumps(dict(
            name=case, engine=f'PyTorch {torch.__version__}{layout}', median_ms=round(times[len(times) // 2], 3),
            min_ms=round(times[0], 3), runs=len(times),
            peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)), flush=True)
