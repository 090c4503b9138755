#!/usr/bin/env python3
"""A plain net of four layers and SupCon in PyTorch, trained on the pictures that bench/faces.mjs --peer hands over.

Needs Debian's python3-torch:  apt-get install -y python3-torch
usage: /usr/bin/python3 torch_faces.py FOLDER --seed N --seconds N [--threads N]

FOLDER holds train.u8 and embed.u8 (grey pictures, one after the other), labels.i32 of the former and shape.json with side. Embeddings are written to
embeddings.f32, one row of unit length for each picture of embed.u8. --seconds are of processor time. One JSON object is printed.
"""
import argparse, json, math, time
import numpy as np
import memory
import torch
from torch import nn
from torch.nn import functional as F

parser = argparse.ArgumentParser()
parser.add_argument('folder')
parser.add_argument('--seed', type=int, default=1)
parser.add_argument('--seconds', type=float, default=240)
parser.add_argument('--threads', type=int, default=1)
A = parser.parse_args()
torch.manual_seed(A.seed)
torch.set_num_threads(A.threads)
rng = np.random.default_rng(A.seed)
side = json.load(open(f'{A.folder}/shape.json'))['side']


def pictures(name):
    flat = np.fromfile(f'{A.folder}/{name}', dtype=np.uint8)
    return torch.from_numpy(flat.reshape(-1, 1, side, side).copy())


train, rest = pictures('train.u8'), pictures('embed.u8')
labels = np.fromfile(f'{A.folder}/labels.i32', dtype=np.int32)
mean, deviation = train.float().mean() / 255, train.float().std() / 255
GROUPS, EACH, SHIFT, TEMPERATURE = 24, 8, 3, 0.1


def scaled(x):
    return (x.float() / 255 - mean) / deviation


def block(inside, out):
    return nn.Sequential(nn.Conv2d(inside, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2))


net = nn.Sequential(block(1, 32), block(32, 64), block(64, 128), block(128, 256), nn.Flatten(), nn.Linear(256 * (side // 16) ** 2, 128))
net = net.to(memory_format=torch.channels_last)


def looks(x):
    """Flipped, moved by up to three pixels, brighter or darker, with more or less contrast: as in the recipe."""
    n = len(x)
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x.flip(-1), x)
    x = F.pad(x, (SHIFT,) * 4, mode='replicate')
    moved = [x[i:i + 1, :, a:a + side, b:b + side] for i, (a, b) in enumerate(rng.integers(0, 2 * SHIFT + 1, (n, 2)))]
    x = torch.cat(moved) * (0.7 + 0.6 * torch.rand(n, 1, 1, 1))
    middle = x.mean((2, 3), keepdim=True)
    return (x - middle) * (0.7 + 0.6 * torch.rand(n, 1, 1, 1)) + middle


def supcon(z, y):
    same = (y[:, None] == y[None, :]).float()
    same.fill_diagonal_(0)
    logits = z @ z.T / TEMPERATURE
    logits = logits - 1e9 * torch.eye(len(z))
    each = logits - torch.logsumexp(logits, 1, keepdim=True)
    return -((each * same).sum(1) / same.sum(1)).mean()


of = [np.flatnonzero(labels == each) for each in np.unique(labels)]
PEAK = 0.002
optimiser = torch.optim.Adam(net.parameters(), PEAK)
start, wall, steps = time.process_time(), time.time(), 0
while (spent := time.process_time() - start) < A.seconds:
    for group in optimiser.param_groups:
        group['lr'] = PEAK * 0.5 * (1 + math.cos(math.pi * spent / A.seconds))
    people = rng.choice(len(of), GROUPS, replace=False)
    at = np.concatenate([rng.choice(of[p], EACH, replace=False) for p in people])
    z = F.normalize(net(looks(scaled(train[at])).contiguous(memory_format=torch.channels_last)))
    loss = supcon(z, torch.from_numpy(labels[at]))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    steps += 1
spent, wall = time.process_time() - start, time.time() - wall
net.eval()
with torch.no_grad():
    embeddings = torch.cat([F.normalize(net(scaled(part))) for part in rest.split(256)])
embeddings.numpy().astype('<f4').tofile(f'{A.folder}/embeddings.f32')
print(json.dumps({'steps': steps, 'trainSeconds': wall, 'cpuSeconds': spent}))
