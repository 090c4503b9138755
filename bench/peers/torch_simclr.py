#!/usr/bin/env python3
"""SimCLR by torchvision and PyTorch, the peer of bench/cases/simclr.mjs: the same pictures, views, nets, loss and optimiser.

Needs Debian's python3-torchvision:  apt-get install -y python3-torchvision
usage: /usr/bin/python3 torch_simclr.py [--only PREFIX] [--reps N]      one JSON object a line, times in milliseconds

A loader with two worker processes makes the looks of decoded pictures (PIL, which is the faster way here) while PyTorch trains on two
threads: 256 pictures twice in each step. The first steps, for which the workers have worked ahead, are not counted.
"""
import argparse, json, resource, time
import memory
import numpy as np, torch, torchvision
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torchvision import transforms as T

parser = argparse.ArgumentParser()
parser.add_argument('--only', default='simclr/')
parser.add_argument('--reps', type=int, default=15)
A = parser.parse_args()
torch.set_num_threads(2)
ITEMS, BATCH, SIDE = 2048, 256, 32

rng = np.random.default_rng(1)
y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
pictures = [Image.fromarray((np.stack([127 + 100 * np.sin(2 * np.pi * (x * a + y * b + c))
                                       for a, b, c in rng.uniform(-2, 2, (3, 3))], -1)
                             + rng.normal(0, 8, (SIDE, SIDE, 3))).clip(0, 255).astype(np.uint8)) for _ in range(ITEMS)]
look = T.Compose([T.RandomResizedCrop(SIDE), T.RandomHorizontalFlip(),
                  T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8), T.RandomGrayscale(p=0.2), T.ToTensor()])


class Looks(torch.utils.data.Dataset):
    def __len__(self): return ITEMS
    def __getitem__(self, i): return torch.stack([look(pictures[i]), look(pictures[i])])


def strided():
    layers, inside = [], 3
    for out in [32, 64, 128]:
        layers += [nn.Conv2d(inside, out, 3, 2, 1), nn.ReLU()]
        inside = out
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 4 * 128, 256)), 256


def conv4():
    layers, inside = [], 3
    for _ in range(4):
        layers += [nn.Conv2d(inside, 64, 3, 1, 1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)]
        inside = 64
    return nn.Sequential(*layers, nn.Flatten()), 256


partner = torch.arange(2 * BATCH) ^ 1
itself = torch.eye(2 * BATCH, dtype=torch.bool)


def nt_xent(z):
    z = F.normalize(z)
    return F.cross_entropy((z @ z.T / 0.5).masked_fill(itself, -1e30), partner)


for name, (make, runs) in {'strided': (strided, A.reps), 'conv4': (conv4, 9)}.items():
    case = f'simclr/{name}'
    if not case.startswith(A.only): continue
    torch.manual_seed(1)
    encoder, size = make()
    head = nn.Sequential(nn.Linear(size, 256), nn.ReLU(), nn.Linear(256, 128))
    optimiser = torch.optim.Adam([*encoder.parameters(), *head.parameters()], 1e-3)
    sampler = torch.utils.data.RandomSampler(range(ITEMS), replacement=True, num_samples=BATCH * (runs + 8))
    loader = torch.utils.data.DataLoader(Looks(), BATCH, sampler=sampler, num_workers=2, drop_last=True)
    times, start = [], time.perf_counter()
    for pairs in loader:
        optimiser.zero_grad()
        nt_xent(head(F.normalize(encoder(pairs.flatten(0, 1))))).backward()
        optimiser.step()
        times.append((time.perf_counter() - start) * 1e3)
        start = time.perf_counter()
    # Two workers deliver in bursts: what counts is the mean.
    times = times[8:]
    mean = sum(times) / len(times)
    print(json.dumps(dict(
        name=case, engine=f'torchvision {torchvision.__version__}, PyTorch {torch.__version__}', mean_ms=round(mean, 3),
        min_ms=round(min(times), 3), runs=len(times), items_per_second=round(2 * BATCH / mean * 1e3),
        peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)), flush=True)
