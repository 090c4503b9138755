# Trees by XGBoost's rank:ndcg on LightGBM's example for ranking, for bench/tables/ranking.mjs to stand beside:
#
#     apt-get install -y python3-xgboost
#     KINDRED_DATA=... /usr/bin/python3 bench/peers/rank_xgboost.py [--seed 1] [--scores FILE]
#
# 100 trees of depth 5. The rate and the shares of rows and columns that a tree sees are chosen by NDCG@10 on the queries that the recipe
# `rank` with the same seed holds out. `all` is what the chosen settings give where they learn from these queries too. Prints one JSON line, measured on the 50 test queries by the rules of the recipe: gains 2^grade - 1, among equal scores what is less
# relevant stands first, a list with nothing relevant counts 1. `--scores` writes the scores of the test documents, one a line, and
# `--judge FILE` measures such a file instead.
import argparse
import itertools
import json
import math
import os

import numpy as np
import xgboost

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--validation", type=float, default=0.15)
parser.add_argument("--scores")
parser.add_argument("--judge")
asked = parser.parse_args()
BITS = 0xFFFFFFFF


def read(part):
    folder = os.path.join(os.environ["KINDRED_DATA"], "lightgbm-lambdarank", f"rank.{part}")
    grades, rows = [], []
    with open(folder, encoding="utf-8") as lines:
        for line in lines:
            grade, *pairs = line.split()
            row = np.zeros(300, np.float32)
            for pair in pairs:
                index, value = pair.split(":")
                row[int(index) - 1] = float(value)
            grades.append(float(grade))
            rows.append(row)
    with open(f"{folder}.query", encoding="utf-8") as lines:
        counts = [int(line) for line in lines]
    return np.array(rows), np.array(grades), np.repeat(np.arange(len(counts)), counts)


def state_of(seed):
    """SplitMix32, as src/core/random.ts seeds xoshiro128**."""
    state, x = [], seed & BITS
    for _ in range(4):
        x = (x + 0x9E3779B9) & BITS
        z = ((x ^ (x >> 16)) * 0x21F0AAAD) & BITS
        z = ((z ^ (z >> 15)) * 0x735A2D97) & BITS
        state.append(z ^ (z >> 15))
    return state


def held_out(queries, share, seed):
    """The queries that src/readers/hold-out.ts draws."""
    hash_of = 0x811C9DC5
    for character in "hold out":
        hash_of = ((hash_of ^ ord(character)) * 0x01000193) & BITS
    a, b, c, d = state_of(seed)
    s = state_of(hash_of ^ a ^ (b * 3 & BITS) ^ (c * 5 & BITS) ^ (d * 7 & BITS))

    def draw():
        product = (s[1] * 5) & BITS
        result = (((product << 7) | (product >> 25)) * 9) & BITS
        moved = (s[1] << 9) & BITS
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= moved
        s[3] = ((s[3] << 11) | (s[3] >> 21)) & BITS
        return result

    order = list(range(queries))
    for i in range(queries - 1, 0, -1):
        limit = 2**32 - 2**32 % (i + 1)
        while (bits := draw()) >= limit:
            pass
        j = bits % (i + 1)
        order[i], order[j] = order[j], order[i]
    return set(order[: math.floor(share * queries + 0.5)])


def ndcg(grades, queries, scores):
    at = {1: [], 3: [], 5: [], 10: []}
    for query in np.unique(queries):
        mine = queries == query
        gains, found = 2 ** grades[mine] - 1, scores[mine]
        in_order = gains[np.lexsort((gains, -found))]
        best = np.sort(gains)[::-1]
        discounts = 1 / np.log2(np.arange(len(gains)) + 2)
        for k, values in at.items():
            ideal = (best * discounts)[:k].sum()
            values.append(1 if ideal == 0 else (in_order * discounts)[:k].sum() / ideal)
    return {f"ndcgAt{k}": float(np.mean(values)) for k, values in at.items()}


def scores_of(settings, train, test):
    """`train` and `test` are features, grades and queries."""
    matrix = xgboost.DMatrix(train[0], label=train[1])
    matrix.set_group(np.unique(train[2], return_counts=True)[1])
    given = {"objective": "rank:ndcg", "max_depth": 5, "seed": asked.seed, "nthread": 1, **settings}
    return xgboost.train(given, matrix, 100).predict(xgboost.DMatrix(test[0]))


test = read("test")
if asked.judge:
    print(json.dumps(ndcg(test[1], test[2], np.loadtxt(asked.judge))))
    raise SystemExit
whole = read("train")
held = np.isin(whole[2], list(held_out(whole[2].max() + 1, asked.validation, asked.seed)))
learned, chosen_by = [[part[rows] for part in whole] for rows in (~held, held)]
grid = [
    {"eta": eta, "subsample": share, "colsample_bytree": share}
    for eta, share in itertools.product([0.05, 0.1, 0.3], [1, 0.7])
]
quality = [ndcg(*chosen_by[1:], scores_of(settings, learned, chosen_by))["ndcgAt10"] for settings in grid]
best = grid[int(np.argmax(quality))]
scores = scores_of(best, learned, test)
if asked.scores:
    np.savetxt(asked.scores, scores, fmt="%.9g")
result = {"name": "ranking/xgboost", "engine": f"xgboost {xgboost.__version__}", "settings": best}
result |= {"validation": {"ndcgAt10": max(quality)}, "all": ndcg(*test[1:], scores_of(best, whole, test))}
print(json.dumps(result | ndcg(*test[1:], scores)))
